// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/explain/row_search.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "postgres/explain/read_tables.hpp"
#include "postgres/rows/copied_lines.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using postgres::FoundRow;
using postgres::RowSearch;

namespace {

using Rows = std::vector<std::string>;

const RowKey row_key = make_row_key();
const postgres::KeyedTable accounts{{"id", "name", "score"}, {"id"}};

RowDigest digest_of(const RowKey& key, const Rows& rows) {
    RowDigester digester(key);
    for (const auto& row : rows) digester.add(row);
    return digester.finish();
}

void read(RowSearch& search, const Rows& then, const Rows& now) {
    do {
        for (const auto& row : then) search.add(RowSearch::Side::then, row);
        for (const auto& row : now) search.add(RowSearch::Side::now, row);
    } while (search.end_reading());
}

postgres::FoundRows search(const postgres::KeyedTable& table, const Rows& then, const Rows& now,
                           std::size_t budget = 1000) {
    RowSearch search(row_key, table, budget);
    read(search, then, now);
    return search.found();
}

std::string text_of(const postgres::FoundRows& found) {
    std::string text;
    for (const auto& row : found.rows)
        text += fmt::format("{} {} [{}] {} {};", static_cast<int>(row.kind), row.key,
                            fmt::join(row.columns, ","), row.then, row.now);
    return text;
}

Rows many(int count) {
    Rows rows;
    for (int i = 1; i <= count; ++i) rows.push_back(fmt::format("{}\tuser{}\t{}", i, i, i * 7));
    return rows;
}

}  // namespace

TEST_CASE("rows that are changed, missing, added or repeated are found, whatever the order") {
    const auto then = many(1000);
    auto now = then;
    CHECK(search(accounts, then, now).rows.empty());
    now[6] = "7\tuser7\t50";
    now.erase(now.begin() + 10);
    now.push_back("1001\tnew\t1");
    now.push_back(now[0]);
    std::reverse(now.begin(), now.end());
    const auto found = search(accounts, then, now);
    CHECK(text_of(found) == "3 id=1 [] 1 2;0 id=7 [score] 1 0;1 id=11 [] 1 0;2 id=1001 [] 0 1;");
    CHECK(found.keys == 4);
    CHECK(found.all);
}

TEST_CASE("without a key a row is its own, and is called by its number") {
    const postgres::KeyedTable no_key{{"a", "b"}, {}};
    const auto found = search(no_key, {"1\tx", "2\ty"}, {"1\tx", "2\tz"});
    CHECK(found.rows.size() == 2);
    for (const auto& row : found.rows) CHECK(row.key == "row 2 of the table");
    // A key with columns that do not exist is not a key.
    CHECK(search({{"a"}, {"id"}}, {"1"}, {"1", "1"}).rows.at(0).kind == FoundRow::Kind::repeated);
}

TEST_CASE("what is told of a key is short and harmless") {
    const auto found =
        search(accounts, {}, {std::string(100, 'x') + "\ty\tz", "a\\nb\x1b[31m\ty\tz"});
    REQUIRE(found.rows.size() == 2);
    CHECK(found.rows[0].key == "id=a\\x0ab\\x1b[31m");
    CHECK(found.rows[1].key == "id=" + std::string(64, 'x') + "…");
    // A line with too few or too many fields does not have a key.
    CHECK(search(accounts, {""}, {"1\t2\t3\t4\t5"}).keys == 2);
}

TEST_CASE("a search that is too large looks through a part, and says so") {
    const auto then = many(20'000);
    auto now = then;
    for (auto& row : now) row += "0";
    const auto found = search(accounts, then, now, 100);
    CHECK_FALSE(found.all);
    CHECK_FALSE(found.exact);
    CHECK(found.rows.size() == 20);
    CHECK(found.keys >= 20);
    CHECK(found.keys < 400);
    for (const auto& row : found.rows) CHECK(row.kind == FoundRow::Kind::changed);
    // Invalid keys do not fill the memory either.
    Rows one_part(5000, "1\tsame\t1"), other;
    for (int i = 0; i < 5000; ++i) other.push_back(fmt::format("1\tother{}\t1", i));
    CHECK(search(accounts, one_part, other, 10).keys == 1);
}

TEST_CASE("a row that makes up for the whole difference from what was recorded is the one") {
    const auto recorded = many(500);
    auto now = recorded, older = recorded;
    now[41] = "42\tuser42\t1";                        // the damage
    for (int i = 100; i < 200; ++i) older[i] += "9";  // a legitimate change
    older.resize(450);
    RowSearch search(row_key, accounts);
    search.expect(digest_of(row_key, recorded));
    read(search, older, now);
    CHECK(search.found().exact);
    CHECK(text_of(search.found()) == "0 id=42 [score] 1 0;");

    RowSearch vague(row_key, accounts);
    now[50] = "51\tuser51\t1";
    vague.expect(digest_of(row_key, recorded));
    read(vague, older, now);
    CHECK_FALSE(vague.found().exact);
    CHECK(vague.found().keys == 152);

    RowSearch same(row_key, accounts);
    same.expect(digest_of(row_key, recorded));
    read(same, recorded, now);
    CHECK(same.found().exact);
    CHECK(text_of(same.found()) == "0 id=42 [score] 1 0;0 id=51 [score] 1 0;");
}

TEST_CASE("a row that is there once too often is found by its digest") {
    const auto rows = many(10);
    postgres::RowFinder finder(row_key, accounts, digest_of(row_key, {rows[3]}));
    for (const auto& row : rows) finder.add(row);
    REQUIRE(finder.found());
    CHECK(finder.found()->kind == FoundRow::Kind::added);
    finder.add(rows[3]);
    CHECK(finder.found()->kind == FoundRow::Kind::repeated);
    CHECK(finder.found()->now == 2);
    CHECK(finder.found()->then == 1);
    CHECK(finder.found()->key == "id=4");
}

TEST_CASE("a primary key is read from the dump's own statement") {
    const auto entry = [](const char* definition) {
        return postgres::TocEntry{.kind = "CONSTRAINT", .definition = definition};
    };
    const std::vector<postgres::TocEntry> entries{
        entry("ALTER TABLE ONLY public.a\n    ADD CONSTRAINT u UNIQUE (name);\n"),
        entry("ALTER TABLE ONLY public.a\n    ADD CONSTRAINT a_pkey PRIMARY KEY (id);\n"),
        entry("ALTER TABLE ONLY more.\"odd \"\"name\"\n    ADD CONSTRAINT k PRIMARY KEY (\"a, b\", "
              "c) "
              "INCLUDE (d);\n"),
        entry("ALTER TABLE ONLY public.cut\n    ADD CONSTRAINT k PRIMARY KEY ("), entry("")};
    CHECK(postgres::primary_key_of(entries, "public.a") == Rows{"id"});
    CHECK(postgres::primary_key_of(entries, "more.odd \"name") == Rows{"a, b", "c"});
    CHECK(postgres::primary_key_of(entries, "public.cut").empty());
    CHECK(postgres::primary_key_of(entries, "public.none").empty());
    CHECK(postgres::listed_names("id, \"or\"\"der\", \"a, b\"") == Rows{"id", "or\"der", "a, b"});
}
