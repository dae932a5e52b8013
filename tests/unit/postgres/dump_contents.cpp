// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/dump_contents.hpp"

#include <algorithm>

#include "postgres/row_differences.hpp"
#include "support/catch.hpp"

using namespace mastobak;

TEST_CASE("the entries of a dump are sorted into what its owner makes and what he may not") {
    const std::string list =
        ";\n; Archive created at 2026-11-22\n;\n"
        "9; 2615 17001 SCHEMA - other mastodon\n"
        "2; 3079 17002 EXTENSION - pg_stat_statements \n"
        "4001; 0 0 COMMENT - EXTENSION pg_stat_statements \n"
        "220; 1259 17010 TABLE public accounts mastodon\n"
        "4002; 0 0 COMMENT public TABLE EXTENSION mastodon\n"
        "4001; 0 17020 MATERIALIZED VIEW DATA public instances mastodon\n"
        "3900; 2606 17030 FK CONSTRAINT public accounts fk_1 mastodon\n"
        "4004; 0 0 COMMENT public CONSTRAINT fk_1 ON accounts mastodon\n"
        "4003; 0 0 ACL public TABLE accounts mastodon\n"
        "3990; 0 17010 TABLE DATA public accounts mastodon";
    const auto contents = postgres::sort_contents(list);
    CHECK(contents.schemas == "9; 2615 17001 SCHEMA - other mastodon\n");
    CHECK(contents.extensions ==
          "2; 3079 17002 EXTENSION - pg_stat_statements \n"
          "4001; 0 0 COMMENT - EXTENSION pg_stat_statements \n");
    CHECK(contents.extension_names == std::vector<std::string>{"pg_stat_statements"});
    CHECK(contents.views == "4001; 0 17020 MATERIALIZED VIEW DATA public instances mastodon\n");
    CHECK(contents.foreign_keys ==
          "3900; 2606 17030 FK CONSTRAINT public accounts fk_1 mastodon\n"
          "4004; 0 0 COMMENT public CONSTRAINT fk_1 ON accounts mastodon\n");
    CHECK(std::count(contents.rest.begin(), contents.rest.end(), '\n') == 4);
    CHECK(contents.grants == 1);
    CHECK(contents.rest.ends_with("TABLE DATA public accounts mastodon\n"));
    CHECK(postgres::sort_contents("x\n;\n").rest.empty());
}

TEST_CASE("rows are compared table by table") {
    const postgres::RowCounts then{{"a", 1}, {"b", 2}, {"c", 3}};
    CHECK(postgres::row_differences(then, then).empty());
    CHECK(postgres::row_differences(then, {{"a", 1}, {"b", 3}, {"d", 4}}) ==
          std::vector<std::string>{"table 'b' has 3 rows, not 2",
                                   "table 'c' is missing, with 3 rows",
                                   "table 'd', with 4 rows, was not there"});
}
