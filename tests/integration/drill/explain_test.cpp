// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/explain/explain.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "drill_fixture.hpp"
#include "drill_night.hpp"
#include "integration/postgres/fixture.hpp"
#include "postgres/contents/contents_file.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

constexpr auto first_night = "20261121T030000Z";

/// A set whose database changed after its contents were recorded, and before it was dumped.
struct ExplainFixture : DrillFixture {
    ExplainFixture() {
        options.explain = true;
        sql("DROP TABLE IF EXISTS noted, plain; CREATE TABLE noted (id bigint, \"of day\" date, "
            "note text, PRIMARY KEY (\"of day\", id)); CREATE TABLE plain (a int, b text);"
            "INSERT INTO noted SELECT n, '2026-01-01', 'a\\b' || n FROM generate_series(1, 500) n;"
            "INSERT INTO plain SELECT n, 'x' FROM generate_series(1, 50) n");
    }
    ~ExplainFixture() { sql("DROP TABLE IF EXISTS noted, plain"); }

    restore::DrillReport drill_damaged(const std::string& damage) {
        after_contents = [this, damage] { sql(damage); };
        publish(night);
        return drill();
    }
};

std::string text_of(const restore::DrillReport& report) {
    std::string text;
    for (const auto& table : report.explained) {
        text += table.table + (table.rows.exact ? " exactly" : "") + "\n";
        for (const auto& row : table.rows.rows)
            text += fmt::format("  {} {} [{}] {} {}\n", static_cast<int>(row.kind), row.key,
                                fmt::join(row.columns, ","), row.then, row.now);
    }
    return text;
}

/// The order of partitions by the hash of an enum is another one on each server.
std::set<std::string> lines_of(const restore::DrillReport& report) {
    std::istringstream text(text_of(report));
    std::set<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.insert(line);
    return lines;
}

std::string finding_of(const restore::DrillReport& report, const std::string& table) {
    for (const auto& explained : report.explained)
        if (explained.table == table) return explained.finding;
    return {};
}

}  // namespace

TEST_CASE_METHOD(ExplainFixture,
                 "rows that the dump has lost or changed are named by another set") {
    publish(first_night);
    const auto report = drill_damaged(
        "UPDATE noted SET note = 'other' WHERE id = 7; DELETE FROM noted WHERE id IN (8, 400);"
        "UPDATE plain SET b = 'y' WHERE a = 30");
    CHECK_FALSE(report.proven());
    INFO(problems_of(report));
    CHECK(text_of(report) ==
          "public.noted exactly\n"
          "  0 of day=2026-01-01, id=7 [note] 1 0\n"
          "  1 of day=2026-01-01, id=8 [] 1 0\n"
          "  1 of day=2026-01-01, id=400 [] 1 0\n"
          "public.plain exactly\n"
          "  1 row 30 of the table [] 1 0\n"
          "  2 row 50 of the table [] 0 1\n");
    CHECK(contains(finding_of(report, "public.noted"), fmt::format("set {}", first_night)));
}

TEST_CASE_METHOD(ExplainFixture, "one damaged row is found among those that people changed") {
    publish(first_night);
    sql("UPDATE noted SET note = 'edited' WHERE id % 5 = 0; INSERT INTO noted VALUES "
        "(501, '2026-01-02', 'new')");
    const auto report = drill_damaged("UPDATE noted SET note = 'damaged' WHERE id = 7");
    CHECK(text_of(report) == "public.noted exactly\n  0 of day=2026-01-01, id=7 [note] 1 0\n");
    CHECK(contains(finding_of(report, "public.noted"), "explain the whole difference"));
}

TEST_CASE_METHOD(ExplainFixture,
                 "what one set alone can say of its rows is said, and what it cannot") {
    SECTION("a row that is there twice, so that no server takes the dump") {
        const auto report = drill_damaged(
            "UPDATE pg_index SET indisready = false WHERE indexrelid = 'noted_pkey'::regclass;"
            "COMMIT; INSERT INTO noted SELECT * FROM noted WHERE id = 9;"
            "UPDATE pg_index SET indisready = true WHERE indexrelid = 'noted_pkey'::regclass;"
            "INSERT INTO plain VALUES (99, 'z')");
        CHECK(contains(problems_of(report), "noted_pkey"));
        CHECK(text_of(report) ==
              "public.noted exactly\n  3 of day=2026-01-01, id=9 [] 1 2\n"
              "public.plain exactly\n  2 row 51 of the table [] 0 1\n");
    }
    SECTION("a row that is another one") {
        const auto report = drill_damaged("UPDATE noted SET note = 'damaged' WHERE id = 7");
        CHECK(text_of(report) == "public.noted\n");
        CHECK(contains(finding_of(report, "public.noted"), "there is no other set"));
    }
    SECTION("nothing differs") {
        CHECK(drill_damaged("SELECT 1").explained.empty());
    }
    SECTION("it was not asked for") {
        options.explain = false;
        CHECK(drill_damaged("DELETE FROM plain").explained.empty());
    }
}

TEST_CASE_METHOD(ExplainFixture, "rows that a restored database has in another way are all known") {
    sql("CREATE TABLE kinds (id int PRIMARY KEY, at timestamptz DEFAULT now(), b bytea DEFAULT "
        "'\\x00ff', f float8 DEFAULT 0.1, i interval DEFAULT '1 day 2 hours', n text DEFAULT "
        "E'a\\\\\\tb');"
        "INSERT INTO kinds SELECT generate_series(1, 100);");
    publish(night);
    const auto recorded = postgres::read_contents(part(postgres::contents_name), {});
    const postgres::ExplainInput input{.dump = part("database.dump.zst"),
                                       .recorded = recorded,
                                       .tools = postgres::find_tools(15),
                                       .restored = settings_of("drilled")};
    const auto explain = [&] {
        restore::DrillReport report;
        report.explained = postgres::explain_rows(input, {});
        return text_of(report);
    };
    CHECK(explain().empty());
    sql("UPDATE kinds SET f = 0.1 + 1e-16, n = NULL WHERE id = 3; DELETE FROM kinds WHERE id = 4;"
        "INSERT INTO kinds VALUES (101); INSERT INTO plain SELECT * FROM plain WHERE a = 17;"
        "UPDATE noted SET id = 1000 WHERE id = 500");
    CHECK(explain() ==
          "public.kinds exactly\n"
          "  0 id=3 [f,n] 1 0\n"
          "  1 id=4 [] 1 0\n"
          "  2 id=101 [] 0 1\n"
          "public.noted exactly\n"
          "  1 of day=2026-01-01, id=500 [] 1 0\n"
          "  2 of day=2026-01-01, id=1000 [] 0 1\n"
          "public.plain exactly\n"
          "  3 row 17 of the table [] 1 2\n");
    // Tables whose columns have another order or other names are not compared.
    sql("ALTER TABLE plain RENAME b TO c");
    CHECK(contains(explain(), "public.plain\n"));
    sql("DROP TABLE kinds");
}

TEST_CASE_METHOD(ExplainFixture, "rows of partitions by the hash of an enum are named, too") {
    sql("CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TABLE moods (id int, m mood, t text, "
        "PRIMARY KEY (id, m)) PARTITION BY HASH (m);"
        "CREATE TABLE moods_0 PARTITION OF moods FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
        "CREATE TABLE moods_1 PARTITION OF moods FOR VALUES WITH (MODULUS 2, REMAINDER 1);"
        "INSERT INTO moods SELECT n, (ARRAY['sad', 'glad'])[n % 2 + 1]::mood, 'x' "
        "FROM generate_series(1, 50) n");
    publish(first_night);
    SECTION("in the dump") {
        const auto report = drill_damaged("UPDATE moods SET t = 'y' WHERE id IN (7, 8)");
        CHECK_FALSE(report.proven());
        CHECK(lines_of(report) == std::set<std::string>{"public.moods exactly",
                                                        "  0 id=7, m=glad [t] 1 0",
                                                        "  0 id=8, m=sad [t] 1 0"});
    }
    SECTION("in the restored database") {
        const auto recorded = postgres::read_contents(part(postgres::contents_name), {});
        const postgres::ExplainInput input{.dump = part("database.dump.zst"),
                                           .recorded = recorded,
                                           .tools = postgres::find_tools(15),
                                           .restored = settings_of("drilled")};
        CHECK(postgres::explain_rows(input, {}).empty());
        sql("DELETE FROM moods WHERE id = 9; UPDATE moods SET m = 'sad' WHERE id = 11");
        restore::DrillReport report;
        report.explained = postgres::explain_rows(input, {});
        CHECK(lines_of(report) ==
              std::set<std::string>{"public.moods exactly", "  1 id=9, m=glad [] 1 0",
                                    "  1 id=11, m=glad [] 1 0", "  2 id=11, m=sad [] 0 1"});
    }
    sql("DROP TABLE moods; DROP TYPE mood");
}

TEST_CASE_METHOD(ExplainFixture, "large objects that differ are named by their numbers") {
    sql("SELECT lo_from_bytea(n::oid, 'x') FROM generate_series(7001, 7030) n");
    publish(first_night);
    const bool one = GENERATE(true, false);
    const auto report =
        drill_damaged(one ? "SELECT lo_put(7002, 0, 'c')"
                          : "SELECT lo_unlink(n::oid) FROM generate_series(7003, 7030) n");
    sql("SELECT lo_unlink(oid) FROM pg_largeobject_metadata");
    if (one) {
        CHECK(text_of(report) == "large objects exactly\n  0 oid=7002 [] 1 1\n");
        return;
    }
    REQUIRE(report.explained.size() == 1);
    const auto& explained = report.explained[0];
    CHECK(explained.rows.keys == 28);
    CHECK(explained.rows.rows.size() == 20);
    CHECK(explained.rows.exact);
    CHECK(contains(explained.finding, "which has those that were recorded"));
}
