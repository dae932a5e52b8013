// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/dump/dump_contents.hpp"

#include <algorithm>

#include "postgres/check/comparison.hpp"
#include "support/catch.hpp"

using namespace mastobak;

using postgres::TocEntry;

namespace {

TocEntry entry(std::int64_t id, std::string kind, std::string name, std::string definition = "",
               std::vector<std::int64_t> dependencies = {},
               TocEntry::Section section = TocEntry::Section::pre_data) {
    return {.id = id,
            .name = std::move(name),
            .kind = std::move(kind),
            .schema = "public",
            .definition = std::move(definition),
            .section = section,
            .dependencies = std::move(dependencies)};
}

constexpr auto data = TocEntry::Section::data, post_data = TocEntry::Section::post_data,
               none = TocEntry::Section::none;

std::string function(const std::string& attributes) {
    return "CREATE FUNCTION public.f() RETURNS int\n    LANGUAGE " + attributes +
           "\n    AS $$SELECT 1 LANGUAGE c LEAKPROOF$$;\n";
}

}  // namespace

TEST_CASE("the entries of a dump are sorted into the order in which they are restored") {
    const auto contents = postgres::sort_contents(
        {entry(1, "ENCODING", "ENCODING"), entry(2, "SCHEMA", "other"),
         entry(3, "EXTENSION", "pg_trgm",
               "CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA \"my \"\"other\";\n"),
         entry(4, "COMMENT", "EXTENSION pg_trgm", "", {3}, none), entry(5, "TABLE", "accounts"),
         entry(6, "COMMENT", "TABLE accounts", "", {5}, none),
         entry(7, "TABLE DATA", "accounts", "", {5}, data),
         entry(8, "INDEX", "i", "", {5}, post_data), entry(9, "COMMENT", "INDEX i", "", {8}, none),
         entry(10, "FK CONSTRAINT", "accounts fk", "", {5}, post_data),
         entry(11, "COMMENT", "CONSTRAINT fk ON accounts", "", {10}, none),
         entry(12, "POLICY", "accounts p", "", {5}, post_data),
         entry(13, "ACL", "TABLE accounts", "GRANT", {5}, none),
         entry(14, "MATERIALIZED VIEW DATA", "instances", "", {}, post_data),
         entry(15, "DOMAIN", "d"),
         entry(16, "CHECK CONSTRAINT", "d unchecked", "ALTER DOMAIN public.d\n", {15}, post_data),
         entry(17, "COMMENT", "CONSTRAINT unchecked ON DOMAIN d", "", {16}, none),
         entry(18, "CHECK CONSTRAINT", "accounts c", "ALTER TABLE public.accounts", {5},
               post_data)});
    CHECK(contents.schemas == std::vector<std::string>{"other"});
    REQUIRE(contents.extensions.size() == 1);
    CHECK(contents.extensions[0].schema == "my \"other");
    CHECK(contents.definitions == std::deque<std::string>{"5;\n6;\n15;\n"});
    CHECK(contents.rest == "7;\n8;\n9;\n18;\n");
    CHECK(contents.foreign_keys == "10;\n11;\n");
    CHECK(contents.last == "12;\n16;\n17;\n");
    CHECK(contents.grants == "13;\n");
    CHECK(contents.code == std::set<std::int64_t>{14});
    CHECK(contents.left_out.empty());
}

TEST_CASE("rows come last of tables whose generated columns call functions, with what needs them") {
    const auto contents = postgres::sort_contents(
        {entry(1, "FUNCTION", "f()", function("sql")), entry(2, "TABLE", "plain", "CREATE"),
         entry(3, "TABLE", "a", "CREATE TABLE a (n int GENERATED ALWAYS AS (f()) STORED)", {1}),
         entry(4, "TABLE", "b", "CREATE TABLE b (n int GENERATED ALWAYS AS (1) STORED)"),
         entry(5, "TABLE DATA", "a", "", {3}, data), entry(6, "TABLE DATA", "b", "", {4}, data),
         entry(7, "TABLE DATA", "plain", "", {2}, data), entry(8, "INDEX", "i", "", {3}, post_data),
         entry(9, "INDEX ATTACH", "i", "", {8}, post_data),
         entry(10, "FK CONSTRAINT", "a fk", "", {3, 8}, post_data)});
    CHECK(contents.definitions == std::deque<std::string>{"1;\n2;\n", "3;\n4;\n"});
    CHECK(contents.rest == "6;\n7;\n");
    CHECK(contents.late_rows == std::set<std::int64_t>{5});
    CHECK(contents.late == "8;\n9;\n");
    CHECK(contents.foreign_keys == "10;\n");
}

TEST_CASE("what the owner of a database may not make is left out, and what is made of it") {
    const auto out =
        GENERATE(entry(1, "PUBLICATION", "p", "CREATE PUBLICATION p FOR ALL TABLES;"),
                 entry(1, "EVENT TRIGGER", "e", "CREATE EVENT TRIGGER e"),
                 entry(1, "SERVER", "s", "CREATE"), entry(1, "FUNCTION", "f()", function("c")),
                 entry(1, "FUNCTION", "f()", function("internal STRICT")),
                 entry(1, "FUNCTION", "f()", function("plpython3u")),
                 entry(1, "FUNCTION", "f()", function("sql LEAKPROOF")),
                 entry(1, "EXTENSION", "somebody's", "CREATE EXTENSION"),
                 entry(1, "TEXT SEARCH TEMPLATE", "t", "CREATE"),
                 entry(1, "SHELL TYPE", "t", "CREATE TYPE"));
    const auto contents = postgres::sort_contents(
        {out, entry(2, "TABLE", "made_of_it", "CREATE TABLE made_of_it", {1}),
         entry(3, "TABLE DATA", "made_of_it", "", {2}, data), entry(4, "TABLE", "other")});
    CHECK(contents.definitions == std::deque<std::string>{"4;\n"});
    CHECK(contents.rest.empty());
    REQUIRE(contents.left_out.size() == 2);
    CHECK(contents.left_out[1].statement == "CREATE TABLE made_of_it");
    CHECK(contents.tables_left_out == std::set<std::string>{"public.made_of_it"});
}

TEST_CASE("what the owner may make is not left out, whatever its text is") {
    const auto in =
        GENERATE(entry(1, "FUNCTION", "f()", function("sql IMMUTABLE SECURITY DEFINER")),
                 entry(1, "FUNCTION", "f()", function("plpgsql")),
                 entry(1, "FUNCTION", "f()", function("plperl")),
                 entry(1, "PUBLICATION", "p", "CREATE PUBLICATION p WITH (publish = 'insert');"));
    CHECK(postgres::sort_contents({in}).left_out.empty());
}

TEST_CASE("rows are compared table by table") {
    const postgres::RowCounts then{{"a", 1}, {"b", 2}, {"c", 3}};
    CHECK(postgres::row_differences(then, then).empty());
    CHECK(postgres::row_differences(then, {{"a", 1}, {"b", 3}, {"d", 4}}) ==
          std::vector<std::string>{"table 'b' has 3 rows, not 2",
                                   "table 'c' is missing, with 3 rows",
                                   "table 'd', with 4 rows, was not recorded"});
}
