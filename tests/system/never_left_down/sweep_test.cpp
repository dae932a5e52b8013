// SPDX-License-Identifier: GPL-3.0-or-later
#include "night_host.hpp"
#include "support/catch.hpp"

using mastobak::test::Mishap;
using mastobak::test::NightHost;

namespace {

/// Returns whether a successful backup is needed before the next mishap; the short test skips some.
bool night_is_due(bool full, std::size_t step, std::size_t steps) {
    return full || step % 4 == 3 || step + 1 == steps;
}

// Checks the same facts after each kind of event at each step. The steps are those of a real
// backup, so that new ones are included.
void sweep(NightHost& host, bool full) {
    for (int night = 0; night < 4; ++night) {
        host.change_media();
        REQUIRE(host.night() == 0);
    }
    CHECK(host.said().find("of little use (media.repack_below) packed again") != std::string::npos);
    const auto steps = host.steps();
    REQUIRE(steps.size() >= 10);
    for (std::size_t step = 0; step < steps.size(); ++step) {
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

void cut_power(NightHost& host, bool full) {
    REQUIRE(host.night() == 0);
    const auto steps = host.steps();
    for (std::size_t step = 0; step < steps.size(); ++step) {
        const auto before = host.sets();
        host.change_media();
        CAPTURE(step, steps[step]);
        REQUIRE_FALSE(host.hold_night_at(step).empty());
        host.crash();
        // Mastodon's units are not enabled on this host.
        CHECK(host.active().empty());
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
