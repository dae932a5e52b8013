// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/process/process.hpp"
#include "postgres/dump/dump.hpp"
#include "postgres/inspect.hpp"
#include "postgres/snapshot.hpp"
#include "store/new_set.hpp"
#include "store/restore_instructions.hpp"
#include "store/staging.hpp"
#include "support/catch.hpp"
#include "support/has.hpp"
#include "support/postgres_server.hpp"
#include "support/restore_guide.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;

namespace {

const std::string name = "20261122T030000Z";
const std::vector<std::string> all{
    "variables",        "check",          "database-create", "database-list",
    "database-restore", "database-check", "database-finish"};

/// A published set with a real dump of Mastodon's tables.
struct DatabaseFixture {
    PostgresServer& server = PostgresServer::shared();
    TemporaryDirectory directory;
    store::Staging staging{directory / "staging"};
    std::map<std::string, std::string> places{{"PG", ""},
                                              {"PGHOST", server.socket_directory()},
                                              {"PGUSER", "postgres"},
                                              {"DATABASE", "restored"},
                                              {"ROLE", "masto don"},
                                              {"TMPDIR", directory.path()}};

    DatabaseFixture() {
        server.create_mastodon("mastodon_production");
        server.psql("mastodon_production",
                    "CREATE TABLE \"Odd name\" (id int PRIMARY KEY);"
                    "INSERT INTO \"Odd name\" SELECT generate_series(1, 12345)");
        for (const auto* database : {"restored", "mastobak_loading", "dbname=x host=/nowhere"})
            server.psql("postgres", fmt::format("DROP DATABASE IF EXISTS \"{}\"", database));
        for (const auto* role : {"mastobak_loading", "masto don", "-web", "pwned"})
            server.psql("postgres", fmt::format("DROP ROLE IF EXISTS \"{}\"", role));
        std::filesystem::permissions(directory.path(), std::filesystem::perms(0711));
        staging.prepare();
        publish();
    }

    void publish() {
        postgres::Settings settings;
        settings.host = server.socket_directory();
        settings.database = "mastodon_production";
        settings.user = "postgres";
        store::NewSet set(staging, name);
        store::Manifest manifest;
        manifest.set = name;
        postgres::Snapshot snapshot(settings);
        const auto facts = postgres::inspect(snapshot.connection());
        manifest.database.name = settings.database;
        manifest.database.encoding = facts.encoding;
        manifest.database.collation = facts.collation;
        manifest.database.rows = snapshot.count_rows({});
        const auto tools = postgres::find_tools(facts.server_version / 10000, server.bin());
        const auto dump = postgres::dump(settings, tools, snapshot.id(),
                                         set.directory() / "database.dump.zst", {}, {}, {});
        set.add({"database.dump.zst", dump.files.at(0).size, dump.files.at(0).sha256});
        change(manifest);
        set.publish(manifest, {});
    }

    /// Changes the manifest before it is published.
    std::function<void(store::Manifest&)> change = [](store::Manifest&) {};
    void publish_again(const std::function<void(store::Manifest&)>& with = [](auto&) {}) {
        std::filesystem::remove_all(staging.set(name));
        change = with;
        publish();
    }
    std::string restore() { return RestoreGuide(staging.set(name)).run(all, places); }
};

}  // namespace

TEST_CASE_METHOD(DatabaseFixture, "the commands of RESTORE.md restore the database") {
    const std::string way = GENERATE("database-restore", "database-restore-parallel");
    CAPTURE(way);
    const RestoreGuide guide(staging.set(name));
    const auto output = guide.run({"variables", "check", "database-create", "database-list", way,
                                   "database-check", "database-finish"},
                                  places);
    CHECK(has(output, "every table has its rows"));
    CHECK(server.psql("restored", "SELECT count(*) FROM \"Odd name\"") == "12345");
    CHECK(
        server.psql("restored", "SELECT tableowner FROM pg_tables WHERE tablename = 'accounts'") ==
        "masto don");
    CHECK(server.psql("postgres",
                      "SELECT pg_encoding_to_char(encoding), datcollate, rolname FROM pg_database "
                      "JOIN pg_roles ON pg_roles.oid = datdba WHERE datname = 'restored'") ==
          "UTF8|C.UTF-8|masto don");
}

TEST_CASE_METHOD(DatabaseFixture, "by RESTORE.md, rows can be loaded after those that they need") {
    server.psql("mastodon_production", R"(
CREATE TABLE zz_factors (id int PRIMARY KEY, factor int NOT NULL);
INSERT INTO zz_factors VALUES (1, 7);
CREATE FUNCTION factor(of int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
    'BEGIN RETURN (SELECT f.factor FROM public.zz_factors f WHERE id <= of); END';
CREATE TABLE "aa rows" (id int PRIMARY KEY, times int GENERATED ALWAYS AS (id * factor(id)) STORED NOT NULL);
INSERT INTO "aa rows" VALUES (6))");
    publish_again();
    // pg_dump writes the rows of tables by name, so the function does not find any, and returns NULL.
    CHECK_THROWS_WITH(restore(), Catch::Matchers::Contains("COPY failed for table \"aa rows\""));
    places["LATE"] = "public aa rows";
    const auto output = RestoreGuide(staging.set(name))
                            .run({"variables", "check", "database-create", "database-list",
                                  "database-restore-late", "database-check", "database-finish"},
                                 places);
    CHECK(has(output, "every table has its rows"));
    CHECK(server.psql("restored", "SELECT times FROM \"aa rows\"") == "42");
}

TEST_CASE_METHOD(DatabaseFixture, "the check of RESTORE.md notices rows that are lost") {
    publish_again([](store::Manifest& manifest) { ++manifest.database.rows["public.Odd name"]; });
    CHECK_THROWS(restore());
    CHECK(server.psql("postgres", "SELECT count(*) FROM pg_database WHERE datname = 'restored'") ==
          "0");
}

TEST_CASE_METHOD(DatabaseFixture, "by RESTORE.md, no SQL of a dump runs as a superuser") {
    // A constraint is checked for each loaded row.
    server.psql("mastodon_production", R"(
CREATE FUNCTION attack() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF current_database() = 'mastodon_production' THEN RETURN true; END IF;
    PERFORM set_config('role', 'none', false);
    CREATE ROLE pwned SUPERUSER;
    RETURN true;
EXCEPTION WHEN insufficient_privilege THEN RETURN true;
END $$;
CREATE TABLE trap (id int CHECK (attack()));
INSERT INTO trap VALUES (1))");
    publish_again();
    restore();
    CHECK(server.psql("restored", "SELECT count(*) FROM trap") == "1");
    CHECK(server.psql("postgres",
                      "SELECT count(*) FROM pg_roles WHERE rolname IN ('pwned', "
                      "'mastobak_loading')") == "0");
    // At the end, no superuser owns an object of the dump either.
    server.psql("postgres", "DROP DATABASE restored");
    places["ROLE"] = "postgres";
    CHECK_THROWS(restore());
}

TEST_CASE_METHOD(DatabaseFixture, "by RESTORE.md, what only a superuser makes is left out, told") {
    server.psql("mastodon_production", R"(
CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER watching ON ddl_command_end EXECUTE FUNCTION on_ddl();
CREATE PUBLICATION everything FOR ALL TABLES)");
    publish_again();
    const auto output = restore();
    CHECK(has(output, "EVENT TRIGGER - watching"));
    CHECK(has(output, "PUBLICATION - everything"));
    CHECK(server.psql("restored", "SELECT count(*) FROM pg_event_trigger") == "0");
    CHECK(server.psql("restored", "SELECT count(*) FROM pg_publication") == "0");
}

TEST_CASE_METHOD(DatabaseFixture, "by RESTORE.md, tables come back into the default tablespace") {
    const auto space = server.socket_directory() / "ssd";
    REQUIRE(run({.argv = {"install", "-d", "-o", "postgres", space}}).ok());
    server.psql("postgres", "CREATE TABLESPACE ssd LOCATION '" + space.native() + "'");
    server.psql("mastodon_production", "ALTER TABLE tags SET TABLESPACE ssd");
    publish_again();
    restore();
    CHECK(server.psql("restored", "SELECT reltablespace FROM pg_class WHERE relname = 'tags'") ==
          "0");
    server.psql("mastodon_production", "ALTER TABLE tags SET TABLESPACE pg_default");
    server.psql("postgres", "DROP TABLESPACE ssd");
}

TEST_CASE_METHOD(DatabaseFixture, "in RESTORE.md, the name of a database or role is only a name") {
    const std::string database = "dbname=x host=/nowhere";
    places.erase("DATABASE");
    places.erase("ROLE");
    publish_again([&](store::Manifest& manifest) {
        manifest.database.name = database;
        manifest.database.owner = "postgres";  // Mastodon's role could not use its tables
        manifest.database.mastodon_role = "-web";
    });
    restore();
    CHECK(server.psql("postgres",
                      "SELECT rolname FROM pg_database JOIN pg_roles ON pg_roles.oid = "
                      "datdba WHERE datname = '" +
                          database + "'") == "-web");
}

TEST_CASE_METHOD(DatabaseFixture, "in RESTORE.md, Mastodon's role may use what another role owns") {
    publish_again([](store::Manifest& manifest) {
        manifest.database.owner = "masto don";
        manifest.database.mastodon_role = "-web";
    });
    auto blocks = all;
    blocks.insert(blocks.end() - 1, "database-grant");
    RestoreGuide(staging.set(name)).run(blocks, places);
    CHECK(server.psql("restored",
                      "SELECT has_table_privilege('-web', 'accounts', 'INSERT'), "
                      "has_schema_privilege('-web', 'public', 'CREATE')") == "t|t");
}

TEST_CASE_METHOD(DatabaseFixture, "the commands of RESTORE.md make a database of ICU's locales") {
    store::Manifest manifest;
    manifest.database.collation = "C.UTF-8";
    manifest.database.locale_provider = "icu";
    manifest.database.locale = "sv-SE";
    write(directory / "set/RESTORE.md", store::restore_instructions(manifest));
    RestoreGuide(directory / "set").run({"variables", "database-create"}, places);
    CHECK(server.psql("mastobak_loading", "SELECT 'z' < 'å', 'å' < 'ä'") == "t|t");
}
