// SPDX-License-Identifier: GPL-3.0-or-later
#include "night_host.hpp"
#include "support/catch.hpp"

using mastobak::test::Mishap;
using mastobak::test::NightHost;

namespace {

// Whatever the step, and whatever happens there, the same is true afterwards. The steps are those
// that a night has had: a new one is swept without being named anywhere.
void sweep(NightHost& host, bool well_after_each) {
    REQUIRE(host.night() == 0);
    const auto steps = host.steps();
    REQUIRE(steps.size() >= 10);
    for (std::size_t step = 0; step < steps.size(); ++step) {
        for (const std::string how : {"fail", "cancel", "kill"}) {
            CAPTURE(step, steps[step], how);
            const auto before = host.sets();
            const int status = host.night({.how = how, .step = step});
            CHECK(status == (how == "kill" ? -1 : 3));
            CHECK(host.steps().size() > step);
            CHECK(host.mastodon_runs());
            CHECK(host.sets() == before);
            CHECK(host.damage().empty());
            if (how != "kill") CHECK(host.leftovers().empty());
            if (!well_after_each && how != "kill") continue;
            CHECK(host.night() == 0);
            CHECK(host.error().empty());
            CHECK(host.sets().size() == before.size() + 1);
            CHECK(host.leftovers().empty());
            CHECK(host.mastodon_runs());
        }
    }
    CHECK(host.damage(1000).empty());
}

}  // namespace

TEST_CASE("a night that fails, is cancelled or killed at any step leaves all as it was") {
    NightHost host;
    sweep(host, false);
}

TEST_CASE("the same with a good night after each, and in the other modes", "[.long]") {
    NightHost host;
    host.configure(GENERATE("consistency: quiesce", "consistency: offline"));
    sweep(host, true);
}
