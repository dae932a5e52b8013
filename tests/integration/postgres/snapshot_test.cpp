// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/snapshot.hpp"

#include "fixture.hpp"
#include "postgres/inspect.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using Connection = test::Client;
using postgres::RowCounts;
using postgres::Snapshot;
using test::PostgresServer;
using test::settings_of;

TEST_CASE("a preflight learns what it needs of Mastodon's database") {
    PostgresServer::shared().create_mastodon("inspected");
    Connection connection(settings_of("inspected"));
    const auto facts = postgres::inspect(connection);
    CHECK(facts.server_version == connection.server_version());
    CHECK(facts.schema_version == "20251217091936");
    CHECK(facts.encoding == "UTF8");
    CHECK(facts.collation == "C.UTF-8");
    CHECK(facts.locale_provider.empty());
    CHECK(facts.size > Bytes{1 << 20});
    // A value that is too long for the manifest is ignored.
    PostgresServer::shared().psql(
        "inspected",
        "ALTER TABLE schema_migrations DROP CONSTRAINT schema_migrations_pkey;"
        "INSERT INTO schema_migrations VALUES ('99' || repeat('9', 20000000))");
    CHECK(postgres::inspect(connection).schema_version == facts.schema_version);
}

TEST_CASE("a preflight learns whose locales a database has") {
    PostgresServer::shared().psql("postgres", "DROP DATABASE IF EXISTS swedish");
    PostgresServer::shared().psql("postgres",
                                  "CREATE DATABASE swedish TEMPLATE template0 LOCALE_PROVIDER icu "
                                  "ICU_LOCALE 'sv-SE' LC_COLLATE 'C.UTF-8'");
    Connection connection(settings_of("swedish"));
    const auto facts = postgres::inspect(connection);
    CHECK(facts.collation == "C.UTF-8");
    CHECK(facts.locale_provider == "icu");
    CHECK(facts.locale == "sv-SE");
}

TEST_CASE("a database without Mastodon's tables has no schema version") {
    PostgresServer::shared().create_database("blank");
    Connection connection(settings_of("blank"));
    CHECK(postgres::inspect(connection).schema_version.empty());
}

TEST_CASE("a role that may not read all is an error with the statement that helps") {
    const auto& server = PostgresServer::shared();
    server.create_database("closed");
    server.psql(
        "closed",
        "DROP ROLE IF EXISTS weak; CREATE ROLE weak LOGIN; CREATE TABLE \"Secret\" (id int)");
    server.set_hba("local all all trust\n");
    auto settings = settings_of("closed");
    settings.user = "weak";
    Connection connection(settings);
    const auto error = test::error_of([&] { postgres::inspect(connection); });
    CHECK(error.text() == "role 'weak' may not read 'public.\"Secret\"'");
    CHECK(error.needs_person());
    CHECK(error.hint() == "as a superuser: GRANT pg_read_all_data TO \"weak\"");
    server.psql("closed", "GRANT pg_read_all_data TO weak");
    CHECK_NOTHROW(postgres::inspect(connection));
}

TEST_CASE("a snapshot counts the rows of its instant, of all that pg_dump dumps") {
    const auto& server = PostgresServer::shared();
    server.create_database("counted");
    server.psql("counted", R"(
        CREATE SCHEMA "Other";
        CREATE TABLE plain AS SELECT generate_series(1, 5) AS n;
        CREATE TABLE "Other"."a ""b" AS SELECT generate_series(1, 3) AS n;
        CREATE UNLOGGED TABLE unlogged AS SELECT 1 AS n;
        CREATE TABLE empty (n int);
        CREATE TABLE parted (n int) PARTITION BY LIST (n);
        CREATE TABLE part PARTITION OF parted FOR VALUES IN (1);
        INSERT INTO parted VALUES (1), (1);
        CREATE MATERIALIZED VIEW matview AS SELECT * FROM plain;
        CREATE VIEW view AS SELECT * FROM plain;)");
    Snapshot snapshot(settings_of("counted"));
    server.psql("counted", "DELETE FROM plain");
    const RowCounts expected{{"Other.a \"b", 3},
                             {"public.empty", 0},
                             {"public.part", 2},
                             {"public.plain", 5},
                             {"public.unlogged", 1}};
    CHECK(snapshot.count_rows({}) == expected);
}

TEST_CASE("rows are counted of a table whose index needs a search path, the role's own one, too") {
    PostgresServer::shared().create_mastodon("searching");
    Connection connection(settings_of("searching"));
    connection.query(
        "CREATE FUNCTION plain(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)'");
    connection.query(
        "CREATE FUNCTION wrapped(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT plain($1)'");
    connection.query("CREATE TABLE searched AS SELECT 'A' AS t");
    // From PostgreSQL 17 on, a server refuses to make such an index.
    if (connection.server_major() < 17)
        connection.query("CREATE INDEX ON searched (public.wrapped(t))");
    CHECK(Snapshot(settings_of("searching")).count_rows({}).at("public.searched") == 1);
}

TEST_CASE("the server's time-outs do not end a snapshot") {
    const auto& server = PostgresServer::shared();
    server.create_database("impatient");
    server.psql("impatient",
                "ALTER DATABASE impatient SET idle_in_transaction_session_timeout = '1s';"
                "ALTER DATABASE impatient SET statement_timeout = '1s'");
    Snapshot snapshot(settings_of("impatient"));
    for (const auto* name : {"idle_in_transaction_session_timeout", "statement_timeout"})
        CHECK(snapshot.connection().value("SELECT current_setting($1)", {name}) == "0");
}

TEST_CASE("a count does not wait for a migration for ever") {
    PostgresServer::shared().create_mastodon("migrated");
    Snapshot snapshot(settings_of("migrated"), {}, std::chrono::milliseconds(100));
    Connection migration(settings_of("migrated"));
    migration.query("BEGIN");
    migration.query("LOCK TABLE statuses IN ACCESS EXCLUSIVE MODE");
    const auto error = test::error_of([&] { snapshot.count_rows({}); });
    CHECK(error.code() == Errc::database);
    CHECK(test::contains(error.hint(), "lock"));
}

TEST_CASE("a count stops when it is asked to") {
    PostgresServer::shared().create_mastodon("stopped");
    Snapshot snapshot(settings_of("stopped"));
    std::stop_source stop;
    stop.request_stop();
    CHECK(test::error_of([&] { snapshot.count_rows(stop.get_token()); }).code() == Errc::cancelled);
}
