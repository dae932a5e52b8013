// SPDX-License-Identifier: GPL-3.0-or-later
#include "dumps/seek_table.hpp"

#include "core/error.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::dumps;

TEST_CASE("a seek table is that of zstd's seekable format") {
    const std::vector<FrameSizes> frames{{100, 4'194'304}, {7, 12}, {20, 0}};
    const auto table = to_seek_table(frames);
    CHECK(table.substr(0, 8) == std::string("\x5e\x2a\x4d\x18\x21\x00\x00\x00", 8));
    CHECK(table.substr(table.size() - 9) == std::string("\x03\x00\x00\x00\x00\xb1\xea\x92\x8f", 9));
    CHECK(seek_table_size(table.substr(table.size() - 9)) == table.size());
    CHECK(parse_seek_table(table) == frames);
}

TEST_CASE("a seek table that is cut or changed is refused") {
    const auto table = to_seek_table({{100, 200}, {7, 12}});
    for (std::size_t size = 0; size < table.size(); ++size)
        REQUIRE_THROWS_AS(parse_seek_table(table.substr(0, size)), Error);
    for (const std::size_t at : {0u, 4u, 24u, 28u, 29u}) {
        auto changed = table;
        changed.at(at) ^= 1;
        CHECK_THROWS_AS(parse_seek_table(changed), Error);
    }
    // The number of frames is one of four billion.
    const std::string huge("\xff\xff\xff\xff\x00\xb1\xea\x92\x8f", 9);
    CHECK(seek_table_size(huge) > std::size_t{1} << 32);
}

TEST_CASE("a skippable frame has its size") {
    const auto frame = skippable_frame("anchors");
    CHECK(skippable_contents(frame) == "anchors");
    CHECK_THROWS_AS(skippable_contents(frame + "x"), Error);
    CHECK_THROWS_AS(skippable_contents(to_seek_table({})), Error);
}
