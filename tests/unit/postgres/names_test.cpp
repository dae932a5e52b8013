// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/names.hpp"

#include "support/catch.hpp"

using namespace mastobak::postgres;

TEST_CASE("names and texts stay one word in SQL") {
    CHECK(sql_name("a\"; DROP TABLE b") == "\"a\"\"; DROP TABLE b\"");
    CHECK(sql_text("it's") == "'it''s'");
    CHECK(sql_text("\\'") == " E'\\\\'''");
}

TEST_CASE("a suffix fits into a name, and cuts no character") {
    CHECK(suffixed("mastodon", "restoring_x") == "mastodon_restoring_x");
    const auto longest = suffixed(std::string(63, 'a'), "before");
    CHECK(longest == std::string(56, 'a') + "_before");
    // 28 characters of two bytes have 56 bytes; with one byte before them, the last one does not
    // fit.
    std::string wide = "a";
    for (int i = 0; i < 31; ++i) wide += "ü";
    CHECK(suffixed(wide, "before") == wide.substr(0, 55) + "_before");
}
