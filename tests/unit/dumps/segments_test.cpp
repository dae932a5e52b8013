// SPDX-License-Identifier: GPL-3.0-or-later
#include "dumps/segments.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::dumps;

namespace {

const std::string digest(64, 'a');

SegmentList small_list() {
    return {.base = "20261122T030000Z-base.dump.zst",
            .base_sha256 = *parse_digest(digest),
            .base_uncompressed = Bytes{1000},
            .uncompressed = Bytes{300},
            .sha256 = *parse_digest(digest),
            .segments = {{0, 100, 500, 500, 0, 10}, {100, 200, 0, 0, 10, 50}}};
}

constexpr Bytes file_size{60};

SegmentList parse(const std::string& text, Bytes size = file_size) {
    return parse_segments(text, size, "database.difference.list");
}

std::string with(std::string_view text, std::string_view with_this) {
    auto list = to_text(small_list());
    const auto at = list.find(text);
    REQUIRE(at != std::string::npos);
    return list.replace(at, text.size(), with_this);
}

}  // namespace

TEST_CASE("a list of segments is text that a person can use") {
    CHECK(to_text(small_list()) ==
          "mastobak-difference 1\n"
          "base 20261122T030000Z-base.dump.zst " +
              digest + " 1000\ndump 300 " + digest +
              "\n"
              "segment 0 100 500 500 0 10\n"
              "segment 100 200 0 0 10 50\n");
    CHECK(parse(to_text(small_list())) == small_list());
}

TEST_CASE("a list that is damaged or hostile is refused") {
    const auto [from, to] = GENERATE(table<std::string, std::string>(
        {{"mastobak-difference 1", "mastobak-difference 2"},
         {"mastobak-difference 1", "something"},
         {"base 2026", "bass 2026"},
         {" 1000\n", " 999\n"},                  // the reference ends beyond the base
         {" 1000\n", " 1152921504606846977\n"},  // larger than 2^60
         {"dump 300", "dump 301"},               // the segments are not all of it
         {"dump 300", "dump -300"},
         {"dump 300", "dump 0300"},
         {"segment 0 100", "segment 1 100"},                  // does not begin at 0
         {"segment 100 200", "segment 99 201"},               // overlaps
         {"segment 100 200", "segment 100 0"},                // empty
         {"segment 0 100 500 500", "segment 0 100 501 500"},  // beyond the base
         {"segment 0 100 500 500", "segment 0 100 0 17000000"},
         {"segment 0 100 500 500", "segment 0 100 1152921504606846976 500"},
         {"0 10 50\n", "0 10 51\n"},  // beyond the file
         {"0 10 50\n", "0 11 49\n"},  // a gap in the file
         {"0 10 50\n", "0 10 50"},    // the last line does not end
         {"0 10 50\n", "0 10 50 \n"},
         {"0 10 50\n", "0 10\n"},
         {"segment 100 200 0 0 10 50\n", ""}}));
    INFO(from << " -> " << to);
    CHECK_THROWS_AS(parse(with(from, to)), Error);
}

TEST_CASE("a list cut anywhere is refused") {
    const auto list = to_text(small_list());
    for (std::size_t size = 0; size < list.size(); ++size)
        REQUIRE_THROWS_AS(parse(list.substr(0, size)), Error);
}

TEST_CASE("a segment of a terabyte is refused before memory is allocated for it") {
    auto list = small_list();
    list.uncompressed = Bytes{std::uint64_t{1} << 40};
    list.segments = {{0, list.uncompressed.count, 0, 0, 0, file_size.count}};
    CHECK_THROWS_AS(parse(to_text(list)), Error);
}
