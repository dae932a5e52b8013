// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/rows/copy_counter.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using postgres::copied_table;
using postgres::RowCounts;

namespace {

RowCounts count(std::string_view script, std::size_t block) {
    postgres::CopyCounter counter;
    while (!script.empty()) {
        const auto piece = script.substr(0, block);
        counter.feed(std::as_bytes(std::span(piece)));
        script.remove_prefix(piece.size());
    }
    return counter.finish();
}

}  // namespace

TEST_CASE("rows between COPY and its end are counted, however the script is cut") {
    const auto block = GENERATE(1, 2, 3, 7, 100000);
    const auto* script =
        "-- COPY public.comment (id) FROM stdin;\n"
        "COPY public.accounts (id, name) FROM stdin;\n1\ta\n2\t\\\\.\n\n\\.x\n\\.\n\n"
        "SELECT pg_catalog.setval('public.x', 5, true);\n"
        "COPY public.empty (id) FROM stdin;\n\\.\n"
        "COPY other.t (id) FROM stdin;\nCOPY public.row (id) FROM stdin;\n\\.\n";
    CHECK(count(script, static_cast<std::size_t>(block)) ==
          RowCounts{{"other.t", 1}, {"public.accounts", 4}, {"public.empty", 0}});
}

TEST_CASE("a table and a column may have a line feed in their names") {
    const auto block = GENERATE(1, 5, 100000);
    CHECK(
        count("COPY public.\"a\nCOPY public.x (id) FROM stdin;\nb\" (\"c\nd\") FROM stdin;\n1\n2\n"
              "\\.\nCOPY public.next (id) FROM stdin;\n1\n\\.\n",
              static_cast<std::size_t>(block)) ==
        RowCounts{{"public.a\nCOPY public.x (id) FROM stdin;\nb", 2}, {"public.next", 1}});
}

TEST_CASE("a script that ends within a table is damaged") {
    CHECK_THROWS_AS(count("COPY public.a (id) FROM stdin;\n1\n", 10), Error);
}

TEST_CASE("names of tables are read with and without quotes") {
    CHECK(copied_table("COPY public.a (b, c) FROM stdin;") == "public.a");
    CHECK(copied_table("COPY public.no_columns  FROM stdin;") == "public.no_columns");
    CHECK(copied_table("COPY \"My schema\".\"a\"\"b.c (d\" (x) FROM stdin;") ==
          "My schema.a\"b.c (d");
    CHECK_FALSE(copied_table("COPY public.a (b) TO stdout;"));
    CHECK_FALSE(copied_table("COPY \"public.a (b) FROM stdin;"));
    CHECK_FALSE(copied_table("CREATE TABLE a (b text);"));
    CHECK_FALSE(copied_table("COPY "));
}
