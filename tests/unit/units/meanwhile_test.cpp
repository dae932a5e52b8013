// SPDX-License-Identifier: GPL-3.0-or-later
//
// Events while units are stopped and started: actions of an admin or of the host.
#include <algorithm>

#include "async/run_sync.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_units.hpp"
#include "support/temporary_directory.hpp"
#include "units/stopped_units.hpp"

using namespace mastobak;
using namespace mastobak::test;
using namespace std::chrono_literals;
using Names = std::vector<std::string>;

namespace {

constexpr auto web_unit = "web.service";
constexpr auto streaming_unit = "streaming.service";
constexpr auto streaming_4000 = "streaming@4000.service";

struct RunningMastodon {
    TemporaryDirectory directory;
    FakeClock clock;
    FakeUnitControl systemd;
    units::Record record{directory / "stopped-units"};
    units::StopOptions options{.patterns = {web_unit, "streaming*.service"},
                               .start_timeout = 5s,
                               .start_attempts = 2,
                               .retry_pause = 1ms};
    units::StoppedUnits stopped{systemd, record, options, clock};

    RunningMastodon() {
        systemd.units[web_unit] = {};
        systemd.units[streaming_unit] = {};
        systemd.units[streaming_4000] = {.part_of = streaming_unit};
    }
    void at(const std::string& call, const std::function<void()>& action) {
        systemd.before = [call, action](const std::string& now) {
            if (now == call) action();
        };
    }
};

}  // namespace

TEST_CASE("a unit that an admin stops before its turn stays stopped, an instance does not") {
    RunningMastodon mastodon;
    mastodon.at("stop web.service",
                [&] { mastodon.systemd.units[streaming_unit].state = "inactive"; });
    async::run_sync(mastodon.stopped.stop());
    CHECK(mastodon.stopped.names() == Names{web_unit, streaming_4000});
    CHECK(mastodon.record.read() == Names{web_unit, streaming_4000});
    async::run_sync(mastodon.stopped.start());
    CHECK(mastodon.systemd.active() == Names{streaming_4000, web_unit});
    CHECK(mastodon.systemd.units[streaming_unit].state == "inactive");
}

TEST_CASE("a unit that an admin stops while another unit is stopping stays stopped") {
    RunningMastodon mastodon;
    mastodon.systemd.units[web_unit].stops_to_fail = 1;
    mastodon.at("stop web.service", [&] {
        mastodon.systemd.units[streaming_unit].state =
            mastodon.systemd.units[streaming_4000].state = "inactive";
    });
    CHECK_THROWS_AS(async::run_sync(mastodon.stopped.stop()), Error);
    CHECK(mastodon.record.read() == Names{web_unit});
    async::run_sync(mastodon.stopped.start());
    CHECK(mastodon.systemd.active() == Names{web_unit});
}

TEST_CASE("an instance that an admin stops before the unit that takes it along stays stopped") {
    RunningMastodon mastodon;
    mastodon.at("stop web.service",
                [&] { mastodon.systemd.units[streaming_4000].state = "inactive"; });
    async::run_sync(mastodon.stopped.stop());
    CHECK(mastodon.record.read() == Names{web_unit, streaming_unit});
    async::run_sync(mastodon.stopped.start());
    CHECK(mastodon.systemd.active() == Names{streaming_unit, web_unit});
}

TEST_CASE("what an earlier run has left down stays recorded") {
    RunningMastodon mastodon;
    mastodon.record.write({"gone.service"});
    async::run_sync(mastodon.stopped.stop());
    CHECK(mastodon.record.read() ==
          Names{"gone.service", web_unit, streaming_unit, streaming_4000});
}

TEST_CASE("a shutdown is delayed from before the first stop until after the last start") {
    RunningMastodon mastodon;
    bool always = true;
    mastodon.systemd.before = [&](const std::string&) {
        always = always && mastodon.systemd.inhibits_shutdown();
    };
    CHECK_FALSE(mastodon.systemd.inhibits_shutdown());
    async::run_sync(mastodon.stopped.stop());
    CHECK(mastodon.systemd.inhibits_shutdown());
    async::run_sync(mastodon.stopped.start());
    CHECK(always);
    CHECK_FALSE(mastodon.systemd.inhibits_shutdown());
}

TEST_CASE("a bus that is away for longer than all attempts is waited for") {
    RunningMastodon mastodon;
    async::run_sync(mastodon.stopped.stop());
    int refused = 0;
    mastodon.at("start streaming@4000.service", [&] {
        if (++refused < 5) throw Error(Errc::units, "nobody answers");
    });
    const auto report = async::run_sync(mastodon.stopped.start());
    CHECK(refused == 5);
    CHECK(report.down.empty());
    CHECK(mastodon.systemd.active() == Names{streaming_unit, streaming_4000, web_unit});
}

TEST_CASE("nothing is stopped when systemd cannot be reached") {
    RunningMastodon mastodon;
    mastodon.systemd.unreachable = true;
    CHECK_THROWS_AS(async::run_sync(mastodon.stopped.stop()), Error);
    mastodon.systemd.unreachable = false;
    async::run_sync(mastodon.stopped.start());
    CHECK(mastodon.systemd.calls.empty());
    CHECK_FALSE(std::filesystem::exists(mastodon.record.file()));
}
