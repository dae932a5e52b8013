// SPDX-License-Identifier: GPL-3.0-or-later
//
// Obstacles that would end a pg_dump in the middle are reported before, with the statement that
// removes them. The tests run these statements.
#include "postgres/dump/obstacles.hpp"

#include <fmt/format.h>

#include "core/process/process.hpp"
#include "fixture.hpp"
#include "postgres/dump/dump.hpp"
#include "postgres/inspect.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using test::contains;
using test::error_of;

namespace {

constexpr auto database = "obstacles";

/// A Mastodon whose tables belong to role 'their', and a role 'reader' like the one that setup
/// makes.
class Reader {
 public:
    Reader() {
        server.create_mastodon(database);
        server.psql("postgres",
                    "DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN; "
                    "GRANT pg_read_all_data TO reader");
        server.set_hba("local all reader trust\n");
        settings.user = "reader";
    }
    ~Reader() { server.psql(database, "DROP OWNED BY reader"); }

    void sql(const std::string& statement) const { server.psql(database, statement); }
    Error error() const {
        return error_of([&] {
            postgres::Connection connection(settings);
            postgres::inspect(connection);
        });
    }
    /// Runs the statement of the hint that begins with the keyword.
    void mend(const std::string& keyword) const {
        const auto hint = error().hint();
        const auto at = hint.find(keyword);
        REQUIRE(at != std::string::npos);
        auto statement = hint.substr(at, hint.find_first_of(";,", at) - at);
        sql(statement);
    }
    bool dumps() const {
        const auto tools = postgres::find_tools(15, server.bin());
        return error_of([&] {
                   postgres::try_dump(settings, tools, postgres::DumpPart::all, {}, {});
               }).text() == "";
    }

    const test::PostgresServer& server = test::PostgresServer::shared();
    postgres::Settings settings = test::settings_of(database);
};

}  // namespace

TEST_CASE("row-level security is an error with the statement that mends it") {
    const Reader reader;
    SECTION("of a table of others") {
        reader.sql("ALTER TABLE users ENABLE ROW LEVEL SECURITY");
    }
    SECTION("forced upon the owner") {
        reader.sql(
            "CREATE TABLE own (a int); ALTER TABLE own OWNER TO reader; "
            "ALTER TABLE own ENABLE ROW LEVEL SECURITY; "
            "ALTER TABLE own FORCE ROW LEVEL SECURITY");
    }
    CHECK_FALSE(reader.dumps());
    CHECK(contains(reader.error().text(), "row-level security of 'public."));
    reader.mend("ALTER ROLE \"reader\" BYPASSRLS");
    CHECK(reader.error().text() == "");
    CHECK(reader.dumps());
}

TEST_CASE("row-level security that does not apply to our role is not an obstacle") {
    const Reader reader;
    reader.sql(
        "CREATE TABLE own (a int); ALTER TABLE own OWNER TO reader; "
        "ALTER TABLE own ENABLE ROW LEVEL SECURITY");
    CHECK(reader.error().text() == "");
    CHECK(reader.dumps());
}

TEST_CASE("a large object that our role may not read is an error with what mends it") {
    const Reader reader;
    reader.sql("SELECT lo_from_bytea(4711, 'x')");
    CHECK_FALSE(reader.dumps());
    CHECK(contains(reader.error().text(), "may not read the large object 4711"));
    SECTION("for this one") {
        reader.mend("GRANT SELECT ON LARGE OBJECT 4711");
    }
    SECTION("for many, and those to come") {
        reader.sql("SELECT lo_from_bytea(4712, 'x')");
        CHECK_FALSE(contains(reader.error().hint(), "ON LARGE OBJECT"));
        reader.mend("ALTER ROLE \"reader\" SET lo_compat_privileges = on");
    }
    CHECK(reader.error().text() == "");
    CHECK(reader.dumps());
}

TEST_CASE("tables, schemas and sequences that our role may not read are told") {
    const Reader reader;
    reader.sql("REVOKE pg_read_all_data FROM reader");
    CHECK(contains(reader.error().text(), "may not read 'public."));
    reader.mend("GRANT pg_read_all_data TO \"reader\"");
    CHECK(reader.error().text() == "");
}

TEST_CASE("too few connections for a run are told") {
    const Reader reader;
    reader.sql("ALTER ROLE reader CONNECTION LIMIT 2");
    CHECK(contains(reader.error().text(), "role 'reader' may have 2 connections"));
    reader.mend("ALTER ROLE \"reader\" CONNECTION LIMIT");
    CHECK(reader.error().text() == "");
}

TEST_CASE("foreign tables, extensions and tablespaces are known of") {
    const Reader reader;
    reader.sql(
        "CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw; "
        "CREATE FOREIGN TABLE elsewhere (a int) SERVER far");
    const auto space = reader.server.socket_directory() / "space";
    std::filesystem::create_directories(space);
    REQUIRE(run({.argv = {"chown", "postgres", space}}).ok());
    reader.server.psql("postgres",
                       fmt::format("CREATE TABLESPACE ssd LOCATION '{}'", space.native()));
    reader.sql("ALTER TABLE tags SET TABLESPACE ssd");
    postgres::Connection connection(reader.settings);
    const auto facts = postgres::inspect(connection);
    CHECK(facts.tablespaces == std::vector<std::string>{"ssd"});
    REQUIRE(facts.extensions.size() == 1);
    CHECK(facts.extensions[0].name == "postgres_fdw");
    REQUIRE(facts.notes.size() == 1);
    CHECK(contains(facts.notes[0], "'public.elsewhere' is a foreign table"));
    reader.sql("DROP TABLE tags CASCADE");
    reader.server.psql("postgres", "DROP TABLESPACE ssd");
}

TEST_CASE("functions that a restore can call only with the search path are known of") {
    const Reader reader;
    reader.sql(
        "CREATE FUNCTION with_path(text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = "
        "public AS 'SELECT lower($1)'; "
        "CREATE FUNCTION parsed(text) RETURNS text LANGUAGE sql IMMUTABLE RETURN lower($1); "
        "CREATE FUNCTION unused(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT "
        "with_path($1)'; "
        "CREATE TABLE called (t text, CHECK (parsed(t) <> '')); "
        "CREATE INDEX ON called (with_path(t)); CREATE VIEW plain AS SELECT unused(t) FROM called");
    const auto notes = [&reader] {
        postgres::Connection connection(reader.settings);
        return postgres::inspect(connection).notes;
    };
    CHECK(notes().empty());
    const auto* call = GENERATE(
        "CREATE INDEX ON called (unused(t))", "ALTER TABLE called ADD CHECK (unused(t) <> '')",
        "ALTER TABLE called ADD g text GENERATED ALWAYS AS (unused(t)) STORED",
        "CREATE MATERIALIZED VIEW filled AS SELECT unused(t) FROM called");
    reader.sql(call);
    const auto all = notes();
    REQUIRE(all.size() == 1);
    CHECK(contains(all[0], "call public.unused(text), without a search path of its own"));
    reader.sql("ALTER FUNCTION unused SET search_path = public");
    CHECK(notes().empty());
    reader.sql("DROP TABLE called CASCADE; DROP FUNCTION with_path, parsed, unused");
}

TEST_CASE("a try of a dump meets a lock, and says who holds it") {
    const Reader reader;
    postgres::Connection migration(test::settings_of(database));
    migration.query("BEGIN");
    migration.query("LOCK TABLE public.users IN ACCESS EXCLUSIVE MODE");
    const auto tools = postgres::find_tools(15, reader.server.bin());
    const auto error = error_of([&] {
        postgres::try_dump(reader.settings, tools, postgres::DumpPart::definitions,
                           {.lock_timeout = std::chrono::seconds(2)}, {});
    });
    CHECK(contains(error.text(), "no lock within 2 s"));
}
