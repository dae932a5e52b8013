// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/estimate.hpp"

#include <cmath>
#include <limits>

#include "support/catch.hpp"

using namespace mastobak;
using namespace std::chrono_literals;
using restore::RestoreRates;
using restore::TimeFit;

TEST_CASE("times of pieces are a line: so long for each, so long for a byte") {
    TimeFit fit;
    for (const std::uint64_t size : {0U, 10U, 1000U, 50'000U})
        fit.add(Bytes{size}, 2ms + size * 100ns);
    CHECK(fit.each() == Approx(2e6));
    CHECK(fit.per_byte() == Approx(100));
    TimeFit twice = fit;
    twice += fit;
    CHECK(twice.count() == 8);
    CHECK(twice.each() == Approx(2e6));
}

TEST_CASE("a line that fits badly is never below zero, and goes through the middle") {
    SECTION("nothing was measured") {
        CHECK(TimeFit().each() == 0);
        CHECK(TimeFit().per_byte() == 0);
    }
    SECTION("all pieces are of one size") {
        TimeFit fit;
        for (const auto took : {1ms, 3ms}) fit.add(Bytes{1000}, took);
        CHECK(fit.each() == Approx(2e6));
        CHECK(fit.per_byte() == 0);
    }
    SECTION("larger pieces took less") {
        TimeFit fit;
        fit.add(Bytes{10}, 30ms);
        fit.add(Bytes{1000}, 10ms);
        CHECK(fit.each() == Approx(2e7));
        CHECK(fit.per_byte() == 0);
    }
    SECTION("larger pieces took far more") {
        TimeFit fit;
        fit.add(Bytes{1000}, 1ns);
        fit.add(Bytes{2000}, 1s);
        CHECK(fit.each() == Approx(0).margin(1));
        CHECK(fit.per_byte() == Approx(1e9 / 3000));
    }
    SECTION("pieces are empty") {
        TimeFit fit;
        fit.add(Bytes{0}, 5ms);
        CHECK(fit.each() == Approx(5e6));
    }
}

TEST_CASE("a restore takes its fetches, its database and its media, one after the other") {
    const RestoreRates rates{.request = 4e8,
                             .fetched_byte = 100,
                             .dump_byte = 50,
                             .file = 4e6,
                             .media_byte = 8,
                             .written_byte = 3};
    const auto time = restore::estimate(rates, {.dump = Bytes{2'000'000'000},
                                                .fetched = Bytes{1'000'000'000},
                                                .requests = 100,
                                                .files = 10'000,
                                                .media = Bytes{1'000'000'000}});
    CHECK(time.fetch == 10s + 100s);
    CHECK(time.database == 100s);
    CHECK(time.media == 10s + 2s + 3s);
    CHECK(time.total() == 225s);
    CHECK(restore::estimate(rates, {}).total() == 0s);
}

TEST_CASE("rates of a file that was changed give a time, if not a true one") {
    const auto inf = std::numeric_limits<double>::infinity();
    for (const auto rate : {1e300, inf, -inf, std::nan(""), -5.0}) {
        const auto time =
            restore::estimate({.fetched_byte = rate, .dump_byte = rate, .file = rate},
                              {.dump = Bytes{1U << 30}, .fetched = Bytes{1U << 30}, .files = 10});
        CHECK(time.fetch >= 0s);
        CHECK(time.total() >= 0s);
        CHECK(time.total() < 24h * 365 * 10);
    }
}
