// SPDX-License-Identifier: GPL-3.0-or-later
#include "night_host.hpp"
#include "support/catch.hpp"

using mastobak::test::NightHost;

TEST_CASE("a power cut at any step leaves older sets whole, and the next night cleans up") {
    NightHost host;
    REQUIRE(host.night() == 0);
    const auto steps = host.steps();
    for (std::size_t step = 0; step < steps.size(); ++step) {
        const auto before = host.sets();
        CAPTURE(step, steps[step]);
        REQUIRE_FALSE(host.hold_night_at(step).empty());
        host.crash();
        // Mastodon's units are not enabled on this host.
        CHECK(host.active().empty());
        CHECK(host.sets() == before);
        CHECK(host.damage().empty());
        host.start_mastodon();
        CHECK(host.night() == 0);
        CHECK(host.error().empty());
        CHECK(host.mastodon_runs());
        CHECK(host.leftovers().empty());
        CHECK(host.sets().size() == before.size() + 1);
    }
    CHECK(host.damage(1000).empty());
}
