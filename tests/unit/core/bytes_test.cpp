// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/bytes.hpp"

#include "support/catch.hpp"

using mastobak::Bytes;
using mastobak::parse_bytes;
using mastobak::to_string;

TEST_CASE("sizes are shown in binary units") {
    CHECK(to_string(Bytes{0}) == "0 B");
    CHECK(to_string(Bytes{1023}) == "1023 B");
    CHECK(to_string(Bytes{1024}) == "1.0 KiB");
    CHECK(to_string(Bytes{1024 * 1024 - 1}) == "1.0 MiB");
    CHECK(to_string(Bytes{std::uint64_t{5} << 30}) == "5.0 GiB");
}

TEST_CASE("sizes are read with binary and decimal units") {
    CHECK(parse_bytes("17") == Bytes{17});
    CHECK(parse_bytes("1 KiB") == Bytes{1024});
    CHECK(parse_bytes("1.5G") == Bytes{std::uint64_t{3} << 29});
    CHECK(parse_bytes("10 GB") == Bytes{10'000'000'000});
    CHECK(parse_bytes("512 MiB") == Bytes{std::uint64_t{512} << 20});
}

TEST_CASE("what is no size is refused") {
    for (const auto* text :
         {"", "x", "-1", "1 Gb", "5 apples", "1e30 T", "nan", "inf", "99999999 PiB"})
        CHECK_FALSE(parse_bytes(text).has_value());
}
