// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/estimate.hpp"

#include "support/catch.hpp"

using namespace mastobak;
using namespace std::chrono_literals;

TEST_CASE("a first night takes the whole instance, a usual one what is new") {
    const auto made = backup::estimate({.database = Bytes{10'000'000'000},
                                        .files = 100'000,
                                        .media = Bytes{20'000'000'000},
                                        .media_a_day = Bytes{200'000'000}},
                                       Bytes{100'000'000});
    CHECK(made.first.database == Bytes{2'000'000'000});
    CHECK(made.first.media == Bytes{20'000'000'000});
    CHECK(made.first.took > 9min);
    CHECK(made.first.took < 12min);
    CHECK(made.usual.database == Bytes{60'000'000});
    CHECK(made.usual.media == Bytes{200'000'000});
    CHECK(made.usual.took > 170s);
    CHECK(made.usual.took < 190s);
    CHECK(made.month > made.first.total() + Bytes{6'000'000'000});
}

TEST_CASE("an instance without media, and one of an absurd size, have an estimate") {
    const auto small = backup::estimate({.database = Bytes{10'000'000}}, {});
    CHECK(small.first.media == Bytes{0});
    CHECK(small.usual.took > 0s);
    const auto huge = Bytes{std::uint64_t{1} << 60};
    const auto large = backup::estimate(
        {.database = huge, .files = huge.count, .media = huge, .media_a_day = huge}, Bytes{1});
    CHECK(large.first.took > 0s);
    CHECK(large.usual.took > 0s);
}
