// SPDX-License-Identifier: GPL-3.0-or-later
#include <optional>

#include "async/run_sync.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_units.hpp"
#include "support/temporary_directory.hpp"
#include "units/sidekiq.hpp"
#include "units/stopped_units.hpp"

using namespace mastobak;
using namespace mastobak::test;
using namespace std::chrono_literals;
using Names = std::vector<std::string>;

namespace {

constexpr auto puma = "mastodon-web.service";
constexpr auto worker = "mastodon-sidekiq.service";
constexpr auto idle = "sidekiq 7.3.9 live [0 of 25 busy]";
constexpr auto busy = "sidekiq 7.3.9 live [3 of 25 busy]";

struct World {
    TemporaryDirectory directory;
    SystemClock clock;
    FakeUnitControl systemd;
    units::Record record{directory / "stopped-units"};
    units::Record quieted{directory / "quieted-units"};
    units::StopOptions options{.patterns = {puma, "mastodon-sidekiq*.service"}};

    explicit World(const std::string& title = idle) {
        systemd.units[puma] = {.processes = {"puma 6.6.0 (tcp://127.0.0.1:3000) [live]"}};
        systemd.units[worker] = {.processes = {title}, .fresh_processes = {idle}};
    }
    units::StoppedUnits stopped_units() { return {systemd, record, options, clock}; }
};

}  // namespace

TEST_CASE("sidekiq's title tells how busy it is, and whether it takes new jobs") {
    using units::parse_sidekiq_title;
    using units::SidekiqState;
    CHECK(parse_sidekiq_title(idle) == SidekiqState{0, false});
    CHECK(parse_sidekiq_title("sidekiq 7.3.9 live [12 of 25 busy] stopping") ==
          SidekiqState{12, true});
    CHECK(parse_sidekiq_title("\"sidekiq 6.5.12 [0 of 5 busy] stopping\"") ==
          SidekiqState{0, true});
    CHECK(parse_sidekiq_title("$'sidekiq 8.0.1 live [1 of 5 busy]'") == SidekiqState{1, false});
    for (const auto* other :
         {"", "sidekiq", "sidekiq 7.3.9 live", "sidekiq 7.3.9 [x of 2 busy]", "sidekiq busy] [",
          "puma 6.6.0 [0 of 25 busy]", "/usr/bin/ruby bundle exec sidekiq -c 25", "\"\""})
        CHECK(parse_sidekiq_title(other) == std::nullopt);
}

TEST_CASE("only sidekiq gets the signal to take no new jobs, and is stopped when it is idle") {
    World world;
    auto stopped = world.stopped_units();
    const auto report = async::run_sync(stopped.quiet(30s));
    CHECK(report.quieted == Names{worker});
    CHECK(report.warnings.empty());
    CHECK(world.systemd.calls == Names{"kill mastodon-sidekiq.service SIGTSTP"});
    CHECK(world.quieted.read() == Names{worker});

    async::run_sync(stopped.stop());
    async::run_sync(stopped.start());
    CHECK(world.systemd.active() == Names{worker, puma});
    CHECK(world.systemd.units[worker].processes == Names{idle});  // it takes jobs again
    CHECK(world.quieted.read().empty());
    for (const auto& call : world.systemd.calls) CHECK_FALSE(call.starts_with("restart"));
}

TEST_CASE("sidekiq behind a shell is told by a signal to all, which none stays stopped by") {
    World world;
    world.systemd.units[worker].processes = {"/bin/bash -lc exec-something; sidekiq", idle,
                                             "ffmpeg -i in out"};
    auto stopped = world.stopped_units();
    const auto report = async::run_sync(stopped.quiet(30s));
    CHECK(report.quieted == Names{worker});
    CHECK(report.warnings.empty());
    CHECK(report.waited < 5s);
    CHECK(world.systemd.calls == Names{"kill mastodon-sidekiq.service SIGTSTP to all",
                                       "kill mastodon-sidekiq.service SIGCONT to all"});
}

TEST_CASE("a sidekiq that does not report that it is quiet is named, without a number of jobs") {
    World world;
    world.systemd.units[worker].processes = {"[sidekiq]", idle};
    world.systemd.before = [](const std::string& call) {
        if (call.ends_with("SIGTSTP to all")) throw Error(Errc::units, "access denied");
    };
    auto stopped = world.stopped_units();
    const auto report = async::run_sync(stopped.quiet(0s));
    REQUIRE(report.warnings.size() == 2);
    CHECK(report.warnings.back() ==
          "mastodon-sidekiq.service did not confirm within 0 ms that no new jobs are taken, "
          "ignoring");
}

TEST_CASE("jobs that take too long are left to sidekiq, with a warning") {
    World world(busy);
    auto stopped = world.stopped_units();
    const auto report = async::run_sync(stopped.quiet(0s));
    REQUIRE(report.warnings.size() == 1);
    CHECK(report.warnings.front().find("3 jobs") != std::string::npos);
}

TEST_CASE("without sidekiq, no process gets a signal") {
    World world("/opt/own-worker --queue default");
    auto stopped = world.stopped_units();
    CHECK(async::run_sync(stopped.quiet(30s)).quieted.empty());
    CHECK(world.systemd.calls.empty());
    CHECK(world.quieted.read().empty());
}

TEST_CASE("a refused signal is a warning: sidekiq is stopped without") {
    World world;
    world.systemd.before = [](const std::string& call) {
        if (call.starts_with("kill")) throw Error(Errc::units, "access denied");
    };
    auto stopped = world.stopped_units();
    const auto report = async::run_sync(stopped.quiet(0s));
    REQUIRE_FALSE(report.warnings.empty());
    CHECK(report.warnings.front().find("access denied") != std::string::npos);
}

TEST_CASE("a run that ends before it stops sidekiq restarts it, and nothing else") {
    World world;
    auto stopped = world.stopped_units();
    async::run_sync(stopped.quiet(30s));
    const auto report = async::run_sync(stopped.start());
    CHECK(world.systemd.calls.back() == "restart mastodon-sidekiq.service");
    CHECK(world.systemd.units[worker].processes == Names{idle});
    CHECK(report.down.empty());
    CHECK(report.warnings.empty());
    CHECK(world.quieted.read().empty());
}

TEST_CASE("a sidekiq that an admin stops while it is quiet stays stopped") {
    World world;
    auto stopped = world.stopped_units();
    async::run_sync(stopped.quiet(30s));
    world.systemd.units[worker].state = "inactive";
    async::run_sync(stopped.start());
    CHECK(world.systemd.active() == Names{puma});
}

TEST_CASE("the destructor asks for the restart of a quiet sidekiq") {
    World world;
    {
        auto stopped = world.stopped_units();
        async::run_sync(stopped.quiet(30s));
    }
    CHECK(world.systemd.calls.back() == "restart_no_reply mastodon-sidekiq.service");
}

TEST_CASE("what a killed run has left quiet is restarted by the record") {
    World world;
    world.systemd.units[worker].processes = {std::string(idle) + " stopping"};
    world.quieted.write({worker});
    async::run_sync(units::resume(world.systemd, world.record, world.options, world.clock));
    CHECK(world.systemd.calls == Names{"restart mastodon-sidekiq.service"});
    CHECK(world.systemd.units[worker].processes == Names{idle});
    CHECK(world.quieted.read().empty());
}

TEST_CASE("a quiet sidekiq whose restart fails is started until it runs") {
    World world;
    auto stopped = world.stopped_units();
    async::run_sync(stopped.quiet(30s));
    world.systemd.units[worker].restarts_to_fail = 1;
    const auto report = async::run_sync(stopped.start());
    CHECK(world.systemd.active() == Names{worker, puma});
    CHECK(report.down.empty());
    CHECK(world.quieted.read().empty());
}

TEST_CASE("a quiet sidekiq stays recorded when systemd cannot be reached") {
    World world;
    world.options.stop_timeout = world.options.start_timeout = 1s;
    auto stopped = world.stopped_units();
    async::run_sync(stopped.quiet(30s));
    world.systemd.unreachable = true;
    const auto report = async::run_sync(stopped.start());
    CHECK(report.warnings.size() == 1);
    CHECK(world.quieted.read() == Names{worker});
}
