// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/snapshot.hpp"

#include <future>

#include "fixture.hpp"
#include "postgres/dump/tables.hpp"
#include "postgres/inspect.hpp"
#include "postgres/rows.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

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

TEST_CASE("a database without Mastodon's tables does not have a schema version") {
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

TEST_CASE("a count by COPY reads the narrowest column only, because a row may have a gigabyte") {
    const auto& server = PostgresServer::shared();
    server.psql("postgres", "DROP DATABASE IF EXISTS wide");
    server.psql("postgres", "DROP ROLE IF EXISTS narrow; CREATE ROLE narrow LOGIN");
    server.create_database("wide");
    server.psql("wide", R"(
        CREATE TABLE wide (t text, n int, "A b" smallint, d int GENERATED ALWAYS AS (1) STORED);
        INSERT INTO wide VALUES ('large', 1), ('larger', 2);
        GRANT SELECT ("A b") ON wide TO narrow;
        CREATE TABLE texts (s text); INSERT INTO texts VALUES ('1'); GRANT SELECT ON texts TO narrow;
        CREATE TABLE bare (); INSERT INTO bare DEFAULT VALUES; GRANT SELECT ON bare TO narrow)");
    auto settings = settings_of("wide");
    settings.user = "narrow";
    server.set_hba("local all all trust\n");
    Connection connection(settings);
    const auto count = [&](const std::string& table) {
        return postgres::count_rows_of(connection,
                                       {"public." + table, "public." + table, "", true});
    };
    CHECK(count("wide") == 2);
    CHECK(count("texts") == 1);
    CHECK(count("bare") == 1);
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

namespace {

/// A database of role `owning`, which has a function that fails in a session of role `counting`.
struct OwnersDatabase {
    const PostgresServer& server = PostgresServer::shared();
    postgres::Settings settings = settings_of("trapped");

    OwnersDatabase() {
        server.psql("postgres", "DROP DATABASE IF EXISTS trapped");
        server.psql("postgres",
                    "DROP ROLE IF EXISTS owning, counting; CREATE ROLE owning LOGIN;"
                    "CREATE ROLE counting LOGIN; GRANT pg_read_all_data TO counting");
        server.create_database("trapped");
        server.psql("trapped", R"(
            ALTER DATABASE trapped OWNER TO owning; GRANT ALL ON SCHEMA public TO owning;
            SET ROLE owning;
            CREATE FUNCTION evil(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS
            $$BEGIN IF session_user = 'counting' THEN RAISE 'it was run'; END IF; RETURN $1; END$$;
            CREATE TABLE first AS SELECT generate_series(1, 10000) AS n;
            CREATE TABLE users AS SELECT 7 AS n, 'x'::text AS secret; ANALYZE;)");
        server.set_hba("local all all trust\n");
        settings.user = "counting";
    }
    /// Counts the rows. After the tables have been listed and before the second one is counted, the
    /// owner runs some SQL.
    RowCounts count(const std::string& meanwhile) const {
        Connection owner(settings_of("trapped"));
        owner.query("BEGIN");
        owner.query("LOCK TABLE first IN ACCESS EXCLUSIVE MODE");
        Snapshot snapshot(settings);
        auto counts = std::async(std::launch::async, [&] { return snapshot.count_rows({}); });
        REQUIRE(test::eventually(
            [&] { return owner.value("SELECT count(*) FROM pg_locks WHERE NOT granted") == "1"; }));
        server.psql("trapped", "SET ROLE owning; " + meanwhile);
        owner.query("ROLLBACK");
        return counts.get();
    }
};

constexpr auto becomes_a_view =
    "BEGIN; ALTER TABLE users RENAME TO gone; "
    "CREATE VIEW users AS SELECT n, secret FROM gone WHERE evil(n) > 0; COMMIT";

}  // namespace

TEST_CASE_METHOD(OwnersDatabase,
                 "what becomes of a table during a count runs nothing as the role that counts") {
    const RowCounts expected{{"public.first", 10000}, {"public.users", 1}};
    CHECK(count("CREATE INDEX ON users ((evil(1) + n))") == expected);
    const auto error = test::error_of([&] { count(becomes_a_view); });
    CHECK(error.text() == "'public.users' was replaced by something that is not a table");
}

TEST_CASE_METHOD(OwnersDatabase, "a table of Mastodon's stays a table until it was read") {
    Connection reader(settings);
    CHECK(postgres::has_value(reader, "users", "secret"));
    reader.query("BEGIN");
    REQUIRE(postgres::locked_table(reader, "users", reader) == "public.users");
    Connection owner(settings_of("trapped"));
    owner.query("SET lock_timeout = '100ms'");
    CHECK_THROWS_AS(owner.query("ALTER TABLE users RENAME TO gone"), Error);
    reader.query("ROLLBACK");
    server.psql("trapped", std::string("SET ROLE owning; ") + becomes_a_view);
    CHECK(postgres::locked_table(reader, "users", reader).empty());
    CHECK_FALSE(postgres::has_value(reader, "users", "secret"));
}

// Before PostgreSQL 16, each role may make another one its member.
TEST_CASE_METHOD(OwnersDatabase, "the database's owner chooses no role for a session of ours") {
    server.psql("trapped",
                "GRANT owning TO counting; ALTER DATABASE trapped SET role = 'owning';"
                "SET ROLE owning; CREATE INDEX ON users ((evil(1) + n))");
    CHECK(Connection(settings).value("SELECT current_user") == "counting");
    Snapshot snapshot(settings);
    CHECK(snapshot.count_rows({}).at("public.users") == 1);
}
