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

constexpr auto web = "web.service";
constexpr auto shim = "streaming.service";
constexpr auto instance = "streaming@4000.service";

struct Mastodon {
    TemporaryDirectory directory;
    FakeClock clock;
    FakeUnitControl systemd;
    units::Record record{directory / "stopped-units"};
    units::StopOptions options{.patterns = {web, "streaming*.service"},
                               .start_timeout = 5s,
                               .start_attempts = 2,
                               .retry_pause = 1ms};
    units::StoppedUnits stopped{systemd, record, options, clock};

    Mastodon() {
        systemd.units[web] = {};
        systemd.units[shim] = {};
        systemd.units[instance] = {.part_of = shim};
    }
    void at(const std::string& call, const std::function<void()>& action) {
        systemd.before = [call, action](const std::string& now) {
            if (now == call) action();
        };
    }
};

}  // namespace

TEST_CASE("a unit that an admin stops before its turn stays stopped, an instance does not") {
    Mastodon mastodon;
    mastodon.at("stop web.service", [&] { mastodon.systemd.units[shim].state = "inactive"; });
    async::run_sync(mastodon.stopped.stop());
    CHECK(mastodon.stopped.names() == Names{web, instance});
    CHECK(mastodon.record.read() == Names{web, instance});
    async::run_sync(mastodon.stopped.start());
    CHECK(mastodon.systemd.active() == Names{instance, web});
    CHECK(mastodon.systemd.units[shim].state == "inactive");
}

TEST_CASE("a unit that an admin stops while another unit is stopping stays stopped") {
    Mastodon mastodon;
    mastodon.systemd.units[web].stops_to_fail = 1;
    mastodon.at("stop web.service", [&] {
        mastodon.systemd.units[shim].state = mastodon.systemd.units[instance].state = "inactive";
    });
    CHECK_THROWS_AS(async::run_sync(mastodon.stopped.stop()), Error);
    CHECK(mastodon.record.read() == Names{web});
    async::run_sync(mastodon.stopped.start());
    CHECK(mastodon.systemd.active() == Names{web});
}

TEST_CASE("an instance that an admin stops before the unit that takes it along stays stopped") {
    Mastodon mastodon;
    mastodon.at("stop web.service", [&] { mastodon.systemd.units[instance].state = "inactive"; });
    async::run_sync(mastodon.stopped.stop());
    CHECK(mastodon.record.read() == Names{web, shim});
    async::run_sync(mastodon.stopped.start());
    CHECK(mastodon.systemd.active() == Names{shim, web});
}

TEST_CASE("what an earlier run has left down stays recorded") {
    Mastodon mastodon;
    mastodon.record.write({"gone.service"});
    async::run_sync(mastodon.stopped.stop());
    CHECK(mastodon.record.read() == Names{"gone.service", web, shim, instance});
}

TEST_CASE("a shutdown is delayed from before the first stop until after the last start") {
    Mastodon mastodon;
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
    Mastodon mastodon;
    async::run_sync(mastodon.stopped.stop());
    int refused = 0;
    mastodon.at("start streaming@4000.service", [&] {
        if (++refused < 5) throw Error(Errc::units, "nobody answers");
    });
    const auto report = async::run_sync(mastodon.stopped.start());
    CHECK(refused == 5);
    CHECK(report.down.empty());
    CHECK(mastodon.systemd.active() == Names{shim, instance, web});
}

TEST_CASE("nothing is stopped when systemd cannot be reached") {
    Mastodon mastodon;
    mastodon.systemd.unreachable = true;
    CHECK_THROWS_AS(async::run_sync(mastodon.stopped.stop()), Error);
    mastodon.systemd.unreachable = false;
    async::run_sync(mastodon.stopped.start());
    CHECK(mastodon.systemd.calls.empty());
    CHECK_FALSE(std::filesystem::exists(mastodon.record.file()));
}
