// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/check/read_rows.hpp"

#include "integration/postgres/fixture.hpp"
#include "postgres/dump/dump.hpp"
#include "postgres/snapshot.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using test::settings_of;

TEST_CASE("rows read from a database are those that its dump has, to the byte") {
    const auto& server = test::PostgresServer::shared();
    server.psql("postgres", "DROP DATABASE IF EXISTS \"to be read\"");
    server.psql("postgres", "CREATE DATABASE \"to be read\"");
    server.psql("to be read", R"(
        ALTER DATABASE "to be read" SET DateStyle = 'German';
        ALTER DATABASE "to be read" SET TimeZone = 'Asia/Tokyo';
        ALTER DATABASE "to be read" SET bytea_output = 'escape';
        CREATE SCHEMA "Odd ""one""";
        CREATE TABLE "Odd ""one"""."select" (
            gone int, "order" text, "a, b" bytea, "Ä" timestamptz DEFAULT now(), f float8,
            i interval, d date, double int GENERATED ALWAYS AS (length("order")) STORED);
        ALTER TABLE "Odd ""one"""."select" DROP gone;
        INSERT INTO "Odd ""one"""."select" ("order", "a, b", f, i, d)
            SELECT E'a\tb\\\n' || n, decode(md5(n::text), 'hex'), n / 3.0, n * '1 hour'::interval,
                   '2024-02-29'::date + n
            FROM generate_series(1, 3000) n;
        INSERT INTO "Odd ""one"""."select" DEFAULT VALUES;
        CREATE TABLE empty (id int);
        CREATE TABLE no_columns ();
        INSERT INTO no_columns DEFAULT VALUES;
        CREATE TABLE parts (id int) PARTITION BY RANGE (id);
        CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (100);
        INSERT INTO parts VALUES (1), (2);
        CREATE TABLE parent (id int);
        CREATE TABLE child (more text) INHERITS (parent);
        INSERT INTO parent VALUES (1);
        INSERT INTO child VALUES (2, '\.');
        CREATE SEQUENCE moved START 7;
        SELECT nextval('moved');
        CREATE SEQUENCE fresh;
        SELECT lo_from_bytea(0, ''), lo_from_bytea(0, '\x005c09ff'),
               lo_from_bytea(0, convert_to(repeat('0123456789abcde', 200000), 'UTF8')),
               lo_from_bytea(0, convert_to(repeat('01234567', 131072), 'UTF8'));
    )");
    const auto settings = settings_of("to be read");
    const test::TemporaryDirectory directory;
    postgres::Snapshot snapshot(settings);
    const auto tools = postgres::find_tools(snapshot.connection().server_major());
    const auto dump =
        postgres::dump(settings, tools, snapshot.id(), directory / "dump.zst", {}, {}, {});
    REQUIRE(dump.contents);

    const auto now = postgres::read_rows(settings, {.recorded = *dump.contents}, {});
    postgres::ContentDifferences differences;
    postgres::compare_rows(*dump.contents, now, {}, differences);
    CHECK(differences.rows.empty());
    CHECK(differences.sequences.empty());
    CHECK(differences.not_compared.empty());
    CHECK(now.row_counts() == dump.contents->row_counts());
    CHECK(now.sequences.at("public.moved") == "7, true");
    CHECK(now.large_objects.rows == 4);
    // The last row, of 1 MiB, is read in two pieces.
    server.psql("to be read",
                "SELECT lo_put(max(oid), 1048575, 'x') FROM pg_largeobject_metadata;"
                "UPDATE child SET more = 'x'; ALTER TABLE child RENAME more TO other");
    const auto later = postgres::read_rows(settings, {.recorded = *dump.contents}, {});
    postgres::compare_rows(*dump.contents, later, {}, differences);
    CHECK(differences.rows ==
          std::vector<std::string>{"table 'public.child' has the columns (\"id\", \"other\"), not "
                                   "(id, more)",
                                   "the bytes of a large object differ"});
}
