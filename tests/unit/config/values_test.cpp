// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/values.hpp"

#include "support/catch.hpp"

using namespace mastobak;
using namespace std::chrono_literals;

TEST_CASE("durations and sizes need their units") {
    CHECK(config::parse_duration("90 s") == 90s);
    CHECK(config::parse_duration("90s") == 90s);
    CHECK(config::parse_duration("1 h 30 min") == 90min);
    CHECK(config::parse_duration("2 d") == 48h);
    CHECK(config::parse_duration("0") == 0s);
    for (const auto* wrong :
         {"", "5", "5 x", "-5 s", "1.5 h", "s", "5 s 5", "9223372036854775807 d"}) {
        CAPTURE(wrong);
        CHECK_FALSE(config::parse_duration(wrong));
    }
    CHECK(config::parse_size("0") == Bytes{0});
    CHECK(config::parse_size("1 GiB") == Bytes{std::uint64_t{1} << 30});
    for (const auto* wrong : {"", "17", "-1 GiB", "1 XiB", "1e300 GiB"}) {
        CAPTURE(wrong);
        CHECK_FALSE(config::parse_size(wrong));
    }
}
