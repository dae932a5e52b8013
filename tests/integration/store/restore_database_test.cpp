// SPDX-License-Identifier: GPL-3.0-or-later
#include <map>
#include <string>

#include "postgres/dump.hpp"
#include "postgres/snapshot.hpp"
#include "store/staging.hpp"
#include "support/catch.hpp"
#include "support/postgres_server.hpp"
#include "support/restore_guide.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;

namespace {

const std::string name = "20261122T030000Z";

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
        server.psql("postgres", "DROP DATABASE IF EXISTS restored");
        server.psql("postgres", "DROP ROLE IF EXISTS \"masto don\"");
        std::filesystem::permissions(directory.path(), std::filesystem::perms(0711));
        staging.prepare();
        publish();
    }

    void publish() const {
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
        set.add({"database.dump.zst", dump.size, dump.sha256});
        set.publish(manifest, {});
    }
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE_METHOD(DatabaseFixture, "the commands of RESTORE.md restore the database") {
    const std::string way = GENERATE("database-restore", "database-restore-parallel");
    CAPTURE(way);
    const RestoreGuide guide(staging.set(name));
    const auto output =
        guide.run({"variables", "check", "database-create", way, "database-check"}, places);
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

TEST_CASE_METHOD(DatabaseFixture, "the check of RESTORE.md notices rows that are lost") {
    const RestoreGuide guide(staging.set(name));
    guide.run({"variables", "database-create", "database-restore"}, places);
    server.psql("restored", "DELETE FROM \"Odd name\" WHERE id = 7");
    CHECK_THROWS(guide.run({"variables", "database-check"}, places));
}

TEST_CASE_METHOD(DatabaseFixture, "the commands of RESTORE.md make a database of ICU's locales") {
    store::Manifest manifest;
    manifest.database.collation = "C.UTF-8";
    manifest.database.locale_provider = "icu";
    manifest.database.locale = "sv-SE";
    write(directory / "set/RESTORE.md", store::restore_instructions(manifest));
    RestoreGuide(directory / "set").run({"variables", "database-create"}, places);
    CHECK(server.psql("restored", "SELECT 'z' < 'å', 'å' < 'ä'") == "t|t");
}
