// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/outage.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "async/run_sync.hpp"
#include "async/timers.hpp"
#include "core/error.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_units.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;
using namespace std::chrono_literals;
using Names = std::vector<std::string>;

namespace {

constexpr auto web = "mastodon-web.service";
constexpr auto sidekiq = "mastodon-sidekiq.service";
const Names all{sidekiq, web};  // sorted

struct Listener final : backup::Observer {
    void step(std::string_view name) override {
        steps.emplace_back(name);
        if (name == fails_at) throw Error(Errc::internal, "the observer failed");
    }
    void progress(double, std::string_view) override {}
    void message(backup::Severity severity, std::string_view text) override {
        if (severity == backup::Severity::critical) critical.emplace_back(text);
    }

    Names steps{}, critical{};
    std::string fails_at{};
};

/// A Mastodon of two units, and an outage that has not begun.
struct World {
    TemporaryDirectory directory;
    FakeClock clock;
    FakeUnitControl systemd;
    Listener listener;
    config::Config config;
    std::stop_source stop;
    backup::Steps steps{clock, listener};
    std::optional<backup::Outage> outage;
    Names active_during_work;

    World() {
        clock.advance(1h);  // the steady clock of a host does not begin at 0
        for (const auto* name : {web, sidekiq}) systemd.units[name] = {};
        config.runtime_directory = directory.path();
        config.mastodon.units = {web, sidekiq};
        config.mastodon.start_attempts = 1;
        outage.emplace(systemd, config, clock, listener, steps, stop.get_token());
    }

    async::Task<int> copy() {
        active_during_work = systemd.active();
        clock.advance(90s);
        co_return 7;
    }
    async::Task<> fail() {
        clock.advance(90s);
        throw Error(Errc::media, "the disk is gone");
        co_return;
    }
    static async::Task<> hang() { co_await async::wait_for(1h); }
    async::Task<> start_a_unit_and_check(std::string name) {
        if (!name.empty()) systemd.units[name].state = "active";
        co_await outage->check_units();
    }
    async::Task<> be_cancelled() {
        stop.request_stop();
        co_return;
    }

    Errc during(async::Task<> work, std::chrono::seconds limit = 1h) {
        try {
            async::run_sync(outage->during(std::move(work), limit));
        } catch (const Error& error) {
            return error.code();
        }
        FAIL("the outage did not fail");
        return {};
    }
};

}  // namespace

TEST_CASE("work is done while all units are stopped, and its result comes with a report") {
    World world;
    CHECK_FALSE(world.outage->has_begun());
    CHECK(async::run_sync(world.outage->during(world.steps.run("media", world.copy()), 1h)) == 7);
    CHECK(world.active_during_work.empty());
    CHECK(world.systemd.active() == all);
    CHECK(world.outage->has_begun());
    CHECK(world.listener.steps == Names{"quiet", "stop", "media", "start", "health"});

    const auto& report = world.outage->report();
    CHECK(report.freeze == 90s);
    CHECK(report.downtime == 90s);
    CHECK(report.down.empty());
    CHECK(report.warnings.empty());
    REQUIRE(report.units.size() == 2);
    CHECK(report.units.front().down == 90s);
    Names parts;
    for (const auto& part : report.parts) parts.push_back(part.name);
    CHECK(parts == Names{"stop", "media", "start", "health"});
    CHECK(report.parts.at(1).took == 90s);
}

TEST_CASE("health checks of containers are awaited, and are not a part of the downtime") {
    World world;
    const std::string good = "mastodon/web/1.container", bad = "mastodon/streaming/1.container";
    world.systemd.units.clear();
    world.systemd.units[good] = {.properties = {{"Health", "healthy"}}};
    world.systemd.units[bad] = {.properties = {{"Health", "unhealthy"}}};
    world.config.mastodon.units = {good, bad};
    async::run_sync(world.outage->during(world.steps.run("media", world.copy()), 1h));
    CHECK(world.listener.steps ==
          Names{"quiet", "stop", "media", "start", "health", "health checks"});
    const auto& report = world.outage->report();
    CHECK(report.downtime == 90s);
    CHECK(report.parts.back().name == "health");
    CHECK(world.listener.critical ==
          Names{"'mastodon/streaming/1.container' runs, and its health check fails; hint: docker "
                "compose --project-name mastodon logs streaming"});
    CHECK(report.warnings == world.listener.critical);
}

TEST_CASE("units are started again when the work fails, and its error is the one that is seen") {
    World world;
    CHECK(world.during(world.steps.run("media", world.fail())) == Errc::media);
    CHECK(world.systemd.active() == all);
    CHECK(world.steps.failed() == "media");
    CHECK(world.outage->report().freeze == 90s);
}

TEST_CASE("units are started again when the work exceeds its limit") {
    World world;
    CHECK(world.during(World::hang(), 0s) == Errc::units);
    CHECK(world.systemd.active() == all);
}

TEST_CASE("units are started again when one of them does not stop") {
    World world;
    world.systemd.units[sidekiq].stops_to_fail = 9;
    CHECK(world.during(World::hang()) == Errc::units);
    CHECK(world.systemd.active() == all);
    CHECK(world.steps.failed() == "stop");
}

TEST_CASE("units are started again when nothing can be reported") {
    World world;
    world.listener.fails_at = GENERATE(as<std::string>{}, "stop", "start", "health");
    CHECK(world.during(world.be_cancelled()) ==
          (world.listener.fails_at == "health" ? Errc::cancelled : Errc::internal));
    CHECK(world.systemd.active() == all);
}

TEST_CASE("a cancellation during the work is not lost when the work ends well") {
    World world;
    CHECK(world.during(world.be_cancelled()) == Errc::cancelled);
    CHECK(world.systemd.active() == all);
}

TEST_CASE("nothing is stopped when sidekiq cannot be made quiet") {
    World world;
    world.systemd.unreachable = true;
    CHECK(world.during(World::hang()) == Errc::units);
    CHECK_FALSE(world.outage->has_begun());
    CHECK(world.systemd.calls.empty());
}

TEST_CASE("a unit that stays down is reported, also when the work has failed") {
    World world;
    world.systemd.units[web].starts_to_fail = 9;
    CHECK(world.during(world.fail()) == Errc::media);
    CHECK(world.outage->report().down == Names{web});
    CHECK(world.outage->report().warnings.back() == "mastodon-web.service stayed down");
    CHECK(world.listener.critical.size() == 1);
}

TEST_CASE("an outage without an active unit has a warning") {
    World world;
    world.systemd.units.clear();
    CHECK(async::run_sync(world.outage->during(world.copy(), 1h)) == 7);
    CHECK(world.outage->report().warnings ==
          Names{"no unit of Mastodon was active, so none was stopped"});
    CHECK(world.outage->report().units.empty());
}

TEST_CASE("a set is consistent when no unit was started meanwhile") {
    World world;
    CHECK_FALSE(world.outage->report().consistent);
    const auto started = GENERATE(as<std::string>{}, "", web);
    async::run_sync(world.outage->during(world.start_a_unit_and_check(started), 1h));
    const auto& report = world.outage->report();
    CHECK(report.consistent == started.empty());
    INFO(fmt::format("{}", fmt::join(report.warnings, "\n")));
    // The start of Mastodon's units reports as well which of them was already running.
    CHECK(report.warnings.empty() == report.consistent);
    if (!report.consistent) CHECK(report.warnings.front().find(started) != std::string::npos);
}

TEST_CASE("clients that wrote, or may have, make the set inconsistent") {
    World world;
    async::run_sync(world.outage->during(world.start_a_unit_and_check(""), 1h));
    SECTION("none did") {
        world.outage->note_writers({}, "backup");
        CHECK(world.outage->report().consistent);
    }
    SECTION("one did") {
        world.outage->note_writers({{"psql (pid 7, user eve)"}, {"x"}}, "backup");
        CHECK_FALSE(world.outage->report().consistent);
        CHECK(world.outage->report().warnings.front().find("(psql (pid 7, user eve))") !=
              std::string::npos);
    }
    SECTION("one may have") {
        world.outage->note_writers({{}, {"x"}}, "backup");
        CHECK_FALSE(world.outage->report().consistent);
        CHECK(world.outage->report().warnings.front().ends_with(
            "GRANT pg_read_all_stats TO \"backup\""));
    }
}
