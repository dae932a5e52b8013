// SPDX-License-Identifier: GPL-3.0-or-later
#include "night_host.hpp"
#include "support/catch.hpp"

using mastobak::test::in_containers;
using mastobak::test::Mishap;
using mastobak::test::NightHost;

namespace {

/// Numbers of steps.
struct Range {
    std::size_t begin, end;
};

/// Returns the steps at which containers are quiet or stopped, or have just been started.
Range while_stopped(const NightHost& host) {
    return {host.number_of("quiet"), host.number_of("health checks") + 1};
}

/// Returns whether a successful backup is needed before the next mishap; the short test skips some.
bool night_is_due(bool full, std::size_t step, std::size_t steps) {
    return full || step % 4 == 3 || step + 1 == steps;
}

// Checks the same facts after each kind of event at each step. The steps are those of a real
// backup, so that new ones are included.
void sweep(NightHost& host, bool full, bool stopped_only = false) {
    for (int night = 0; night < 4; ++night) {
        host.change_media();
        REQUIRE(host.night() == 0);
    }
    CHECK(host.said().find("of little use (media.repack_below) packed again") != std::string::npos);
    const auto steps = host.steps();
    REQUIRE(steps.size() >= 10);
    const auto range = stopped_only ? while_stopped(host) : Range{0, steps.size()};
    for (auto step = range.begin; step < range.end; ++step) {
        for (const std::string how : {"fail", "cancel", "kill"}) {
            CAPTURE(step, steps[step], how);
            const auto before = host.sets();
            host.change_media();
            CHECK(host.has_pack_of_little_use());
            const int status = host.night({.how = how, .step = step});
            CHECK(status == (how == "kill" ? -1 : 3));
            CHECK(host.steps().size() > step);
            CHECK(host.mastodon_runs());
            CHECK(host.sets() == before);
            CHECK(host.damage().empty());
            if (how != "kill") CHECK(host.leftovers().empty());
            if (!full && how != "kill") continue;
            if (!night_is_due(full, step, steps.size())) continue;
            CHECK(host.night() == 0);
            CHECK(host.error() == "");
            CHECK(host.sets().size() == before.size() + 1);
            CHECK(host.leftovers().empty());
            CHECK(host.mastodon_runs());
        }
    }
    CHECK(host.damage(1000).empty());
}

void cut_power(NightHost& host, bool full, bool stopped_only = false) {
    REQUIRE(host.night() == 0);
    const auto steps = host.steps();
    const auto range = stopped_only ? while_stopped(host) : Range{0, steps.size()};
    for (auto step = range.begin; step < range.end; ++step) {
        const auto before = host.sets();
        host.change_media();
        CAPTURE(step, steps[step]);
        REQUIRE_FALSE(host.hold_night_at(step).empty());
        host.crash();
        if (host.survives_boot()) {
            host.sh(host.mastobak("resume-units"));
            CHECK(host.mastodon_runs());
        } else {
            CHECK(host.active().empty());
        }
        CHECK(host.sets() == before);
        CHECK(host.damage().empty());
        host.start_mastodon();
        if (!night_is_due(full, step, steps.size())) continue;
        CHECK(host.night() == 0);
        CHECK(host.error() == "");
        CHECK(host.mastodon_runs());
        CHECK(host.leftovers().empty());
        CHECK(host.sets().size() == before.size() + 1);
    }
    CHECK(host.damage(1000).empty());
}

}  // namespace

TEST_CASE("a night that fails, is cancelled or killed at any step leaves all as it was") {
    NightHost host;
    host.configure("consistency: {maintenance_file: /run/maintenance}");
    REQUIRE(host.night() == 0);
    host.hold_night_at(host.number_of("snapshot"));
    CHECK(host.maintenance_page_is_up());
    host.go_on();
    CHECK(host.end_of_night() == 0);
    sweep(host, false);
}

TEST_CASE("a power cut at any step leaves older sets whole, and the next night cleans up") {
    NightHost host;
    cut_power(host, false);
}

TEST_CASE("containers run again after a failure, a cancellation or a kill while they are stopped") {
    NightHost host(false, false, in_containers());
    sweep(host, false, true);
}

TEST_CASE("containers run again after a power cut at any step while they are stopped") {
    NightHost host(false, false, in_containers());
    cut_power(host, false, true);
}

TEST_CASE("all of that with containers at every step", "[.long]") {
    NightHost host(false, false, in_containers());
    SECTION("failing, cancelled, killed") {
        sweep(host, true);
    }
    SECTION("power cuts") {
        cut_power(host, true);
    }
}

TEST_CASE("all of that in each mode, with a good night after each mishap", "[.long]") {
    NightHost host;
    host.configure(GENERATE("consistency: quiesce", "consistency: offline"));
    SECTION("failing, cancelled, killed") {
        sweep(host, true);
    }
    SECTION("power cuts") {
        cut_power(host, true);
    }
}
