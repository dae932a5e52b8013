// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/restore_set.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/process/process.hpp"
#include "drill_fixture.hpp"
#include "integration/postgres/fixture.hpp"
#include "restore/plan.hpp"
#include "restore/source/set_source.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

constexpr auto night = "20261122T030000Z";

// Adds a row to each empty table. All references are to rows with ID 1, and all tables have one.
constexpr auto row_in_every_table = R"sql(
SET session_replication_role = replica;
DO $$
DECLARE
    of record;
    empty boolean;
BEGIN
    FOR of IN
        SELECT table_name, string_agg(quote_ident(column_name), ', ') AS columns,
            string_agg(CASE
                WHEN data_type ~ 'int|numeric|double|real' THEN '1'
                WHEN data_type = 'boolean' THEN 'true'
                WHEN data_type ~ 'timestamp|date' THEN 'now()'
                WHEN data_type ~ 'json' THEN '''{"a": ["\\u00fc", null]}'''
                WHEN data_type = 'inet' THEN '''2001:db8::1'''
                WHEN data_type = 'ARRAY' THEN '''{1,2}'''
                WHEN data_type = 'uuid' THEN 'gen_random_uuid()'
                ELSE quote_literal(E'\t"\\N" \\. ü\r\n''') END, ', ') AS contents
        FROM information_schema.columns JOIN information_schema.tables
            USING (table_schema, table_name)
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE' GROUP BY 1
    LOOP
        EXECUTE format('SELECT NOT EXISTS (SELECT FROM %I)', of.table_name) INTO empty;
        CONTINUE WHEN NOT empty;
        EXECUTE format('INSERT INTO %I (%s) VALUES (%s)', of.table_name, of.columns, of.contents);
    END LOOP;
END $$)sql";

/// One set of a small instance, restored into the same server with another name.
struct RestoreSet : DrillFixture {
    RestoreSet() {
        fs::permissions(passable.path(), fs::perms(0711));
        wanted.database = {.name = "restored", .server = settings_of("postgres")};
        wanted.media = {.target = directory / "to/media"};
        wanted.configuration = {.target = directory / "to/config"};
        wanted.scratch = passable / "restore";
        PostgresServer::shared().psql("postgres", "DROP DATABASE IF EXISTS restored");
    }

    restore::SetReport restored(std::stop_token stop = {}, restore::OnSetProgress progress = {}) {
        const auto source = restore::sets_in(staging.root(), {}, directory / "fetched");
        return restore::restore_set(*source, source->manifest(set, {}), wanted, progress,
                                    std::move(stop));
    }

    static std::string output_of(std::vector<std::string> argv) {
        const auto finished = run({.argv = std::move(argv)});
        INFO(finished.reason() << finished.error_tail);
        REQUIRE(finished.ok());
        return finished.output;
    }

    /// Returns the lines of a dump that only one of two databases has.
    static std::string database_differences(const std::string& a, const std::string& b) {
        const auto& server = PostgresServer::shared();
        const auto dump = [&](const std::string& name) {
            // Newer dumps begin with a random key.
            return fmt::format(
                "<('{}' -h '{}' -U postgres --no-owner {} | grep -v restrict | "
                "sort)",
                (server.bin() / "pg_dump").native(), server.socket_directory().native(), name);
        };
        const auto script = fmt::format("diff {} {} || true", dump(a), dump(b));
        return output_of({"bash", "-c", script});
    }

    std::string value(const std::string& sql) const {
        return PostgresServer::shared().psql("restored", sql);
    }

    TemporaryDirectory passable;
    restore::SetOptions wanted;
};

}  // namespace

TEST_CASE_METHOD(RestoreSet, "a set is restored as it was: rows, files, secrets") {
    sql(row_in_every_table);
    publish(night, [](auto& manifest) { manifest.database.mastodon_role = "masto don"; });
    const auto rows = staging.manifest(set).database.rows;
    CHECK(rows.size() > 100);
    CHECK(std::none_of(rows.begin(), rows.end(), [](const auto& of) { return of.second == 0; }));
    const auto report = restored();
    CHECK(report.problems() == 0);
    CHECK(report.database->renamed.empty());
    CHECK(database_differences("drilled", "restored") == "");
    CHECK(value("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'restored'") ==
          "masto don");
    CHECK(output_of({"rsync", "-ncirlptgoHAX", "--delete", media / "media_attachments",
                     directory / "to/media/"})
              .empty());
    const auto secrets = directory / "to/config" / env.relative_path();
    CHECK(read(secrets) == good_secrets);
    CHECK(fs::status(secrets).permissions() == fs::status(env).permissions());
    CHECK(fs::status(directory / "to/config").permissions() == fs::perms(0700));
    CHECK_FALSE(fs::exists(wanted.scratch / "database.dump"));
}

TEST_CASE_METHOD(RestoreSet, "the role of a fresh server is made, with the password of the set") {
    write(env, std::string(good_secrets) + "DB_USER=newcomer\nDB_PASS='se cret'\n");
    publish(night, [](auto& manifest) {
        manifest.database.owner = manifest.database.mastodon_role = "newcomer";
    });
    CHECK(restored().roles_made == std::vector<std::string>{"newcomer"});
    CHECK(PostgresServer::shared()
              .psql("postgres", "SELECT rolpassword FROM pg_authid WHERE rolname = 'newcomer'")
              .starts_with("SCRAM-SHA-256$"));
    wanted.database->replace = true;
    const auto again = restored();
    CHECK(again.roles_made.empty());
    REQUIRE(again.database->warnings.size() == 1);
    CHECK(again.database->warnings[0].starts_with(
        "role 'newcomer' already existed and keeps its password"));
    CHECK(again.database->renamed.starts_with("restored_before_"));
    PostgresServer::shared().psql("postgres", "DROP DATABASE \"" + again.database->renamed + "\"");
    PostgresServer::shared().psql("postgres", "DROP DATABASE restored");
    PostgresServer::shared().psql("postgres", "DROP ROLE newcomer");
}

TEST_CASE_METHOD(RestoreSet, "a database that is there is neither touched nor replaced unasked") {
    publish(night);
    PostgresServer::shared().create_mastodon("restored");
    const auto error = error_of([&] { restored(); });
    CHECK(error.code() == Errc::database);
    CHECK(contains(error.hint(), "--replace"));
    CHECK(value("SELECT count(*) FROM accounts") == "0");
    CHECK_FALSE(fs::exists(directory / "to"));
}

TEST_CASE_METHOD(RestoreSet, "rows of remote files in cache/ are blanked, and no others") {
    sql("INSERT INTO accounts (id, username, domain, avatar_file_name, "
        "avatar_storage_schema_version, created_at, updated_at) VALUES "
        "(201, 'r', 'far.example', 'gone.png', 1, now(), now()), "
        "(202, 's', 'far.example', 'old.png', NULL, now(), now()), "
        "(203, 'o', NULL, 'ours.png', 1, now(), now())");
    sql("INSERT INTO media_attachments (id, remote_url, file_file_name, "
        "file_storage_schema_version, created_at, updated_at) VALUES "
        "(300, 'https://far.example/x', 'x.png', 1, now(), now())");
    publish(night);
    wanted.media.reset();
    wanted.configuration.reset();
    const auto names =
        "SELECT string_agg(coalesce(avatar_file_name, '-'), ' ' ORDER BY id) FROM accounts "
        "WHERE id > 200";
    SECTION("when asked to") {
        wanted.database->blank_remote = true;
        CHECK(restored().rows_blanked == 2);
        CHECK(value(names) == "- old.png ours.png");
        CHECK(value("SELECT count(*) FROM media_attachments WHERE file_file_name IS NULL") == "1");
    }
    SECTION("when asked to, in a schema that is not public") {
        sql("CREATE SCHEMA fedi; ALTER TABLE accounts SET SCHEMA fedi; "
            "ALTER TABLE media_attachments SET SCHEMA fedi");
        publish("20261123T030000Z");
        set = "20261123T030000Z";
        wanted.database->blank_remote = true;
        CHECK(restored().rows_blanked == 2);
        CHECK(value("SELECT count(*) FROM fedi.media_attachments WHERE file_file_name IS NULL") ==
              "1");
        sql("ALTER TABLE fedi.accounts SET SCHEMA public; "
            "ALTER TABLE fedi.media_attachments SET SCHEMA public; DROP SCHEMA fedi");
    }
    SECTION("not otherwise") {
        CHECK(restored().rows_blanked == 0);
        CHECK(value(names) == "gone.png old.png ours.png");
    }
}

TEST_CASE_METHOD(RestoreSet, "what was interrupted is continued") {
    publish(night);
    std::stop_source stop;
    const auto error = error_of([&] {
        restored(stop.get_token(), [&](const restore::SetProgress& now) {
            if (now.step == "database") stop.request_stop();
        });
    });
    CHECK(error.code() == Errc::cancelled);
    CHECK(PostgresServer::shared().psql(
              "postgres", "SELECT count(*) FROM pg_database WHERE datname ~ '^restored'") == "0");
    restored();
    wanted.database.reset();
    const auto again = restored();
    CHECK(again.media->files == 0);
    CHECK(again.media->identical == 20);
}

TEST_CASE_METHOD(RestoreSet, "a plan touches nothing and knows what will be fetched") {
    publish(night);
    const auto source = remote_of(staging.root());
    const auto manifest = source->manifest(set, {});
    const auto before = source->fetched();
    const auto plan = restore::plan_fetch(*source, manifest, wanted, {});
    CHECK_FALSE(restore::rooms_for(*source, manifest, wanted, plan, {}).empty());
    CHECK_FALSE(fs::exists(directory / "to"));
    CHECK_FALSE(fs::exists(wanted.scratch));
    const auto fetched = restore::restore_set(*source, manifest, wanted, {}, {}).fetched;
    CHECK(fetched.count - before.count == plan.total().count);
}

TEST_CASE_METHOD(RestoreSet, "a plan knows what room is needed, and what is certain about it") {
    publish(night);
    const auto rooms_of = [this](restore::SetSource& source) {
        const auto manifest = source.manifest(set, {});
        const auto plan = restore::plan_fetch(source, manifest, wanted, {});
        return restore::rooms_for(source, manifest, wanted, plan, {});
    };
    const auto here = restore::sets_in(staging.root(), {}, directory / "fetched");
    const auto manifest = here->manifest(set, {});
    auto rooms = rooms_of(*here);
    REQUIRE(rooms.size() == 2);
    CHECK(rooms[0].what == "temporary files");
    CHECK(rooms[0].needed == manifest.database.dump_uncompressed);
    CHECK(rooms[1].where == directory / "to/media");
    CHECK(rooms[1].needed.count > 0);
    CHECK(rooms[1].free.count > 0);
    CHECK_FALSE(rooms[1].at_most);
    restore::require(rooms);
    // Files from a network need space in addition to the files that are made from them.
    CHECK(rooms_of(*remote_of(staging.root()))[0].needed > rooms[0].needed);
    // Existing files may be identical to files of the set, so this is a maximum.
    write(directory / "to/media/file", "");
    CHECK(rooms_of(*here)[1].at_most);

    rooms[1].needed = rooms[1].free + Bytes{1};
    const auto error = error_of([&] { restore::require(rooms); });
    CHECK(error.code() == Errc::environment);
    CHECK(error.text().starts_with("media need "));
    rooms[1].at_most = true;
    restore::require(rooms);
}
