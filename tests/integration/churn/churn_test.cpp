// SPDX-License-Identifier: GPL-3.0-or-later
#include "churning_host.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;

TEST_CASE("a month of nights takes no more room than what is live, half of that, and three days") {
    TemporaryDirectory directory;
    ChurnOptions options;
    options.directory = directory.path();
    ChurningHost host(options);
    for (int night = 0; night < 30; ++night) {
        host.live_on();
        CAPTURE(night, host.size().most.count, host.size().live.count);
        REQUIRE(host.overhead() <= 1.5);
        REQUIRE(host.size().after <= host.size().most);
    }
    CHECK(host.sets().size() >= 10);
    CHECK(host.sets().size() <= 12);
    CHECK(host.damage() == std::vector<std::string>{});
}

TEST_CASE("months of nights of which hardly a set is kept take little more") {
    TemporaryDirectory directory;
    ChurnOptions options;
    options.directory = directory.path();
    options.retention = {.daily = 2, .weekly = 0, .monthly = 0, .yearly = 0, .minimum = 2};
    options.churn = 0.05;  // thirty days are then like half a year with 1 %
    ChurningHost host(options);
    for (int night = 0; night < 30; ++night) {
        host.live_on();
        CAPTURE(night, host.size().most.count, host.size().live.count);
        // Packs are coarse here. With repack_below alone, it would be 1.63 at the end.
        REQUIRE(host.overhead() <= 1.56);
    }
    CHECK(host.repacked_files() > 0);
    CHECK(host.damage() == std::vector<std::string>{});
}

TEST_CASE("packs of a tree that is replaced within days go with the sets that needed them") {
    TemporaryDirectory directory;
    ChurnOptions options;
    options.directory = directory.path();
    options.files = 100;
    options.churn = 0.5;
    options.retention = {.daily = 2, .weekly = 0, .monthly = 0, .yearly = 0, .minimum = 2};
    ChurningHost host(options);
    host.live_on();
    const auto first = host.size().after;
    for (int night = 0; night < 12; ++night) host.live_on();
    CHECK(host.sets().size() == 2);
    CHECK(host.size().after.count < 4 * first.count);
    CHECK(host.damage() == std::vector<std::string>{});
}
