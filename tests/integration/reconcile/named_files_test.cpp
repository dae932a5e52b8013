// SPDX-License-Identifier: GPL-3.0-or-later
#include "reconcile/named_files.hpp"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>

#include "media/index/index.hpp"
#include "media/index/paths.hpp"
#include "postgres/rows.hpp"
#include "postgres/snapshot.hpp"
#include "support/catch.hpp"
#include "support/postgres_server.hpp"

#ifdef __SANITIZE_ADDRESS__
// From sanitizer/allocator_interface.h, which Debian's GCC does not include.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

using namespace mastobak;
using reconcile::NamedFiles;
using test::PostgresServer;

namespace {

/// A database without rows, and the files that it names.
class Database {
 public:
    Database() {
        static const bool created = (PostgresServer::shared().create_mastodon("naming"), true);
        if (created) sql("DELETE FROM media_attachments; DELETE FROM accounts");
    }

    void sql(const std::string& statement) const { PostgresServer::shared().psql(name, statement); }
    /// \param values "id, file name, type, remote_url, storage_schema_version, processing"
    void media(const std::string& values) const {
        sql("INSERT INTO media_attachments (id, file_file_name, file_content_type, remote_url, "
            "file_storage_schema_version, processing, created_at, updated_at) "
            "SELECT *, now(), now() FROM (VALUES " +
            values + ") AS v");
    }

    std::vector<std::string> named(bool of_others, const std::vector<std::string>& excluded = {}) {
        std::vector<std::string> paths;
        postgres::Snapshot snapshot(settings());
        NamedFiles files(snapshot, of_others, excluded);
        while (auto file = files.next()) paths.push_back(std::move(file->path));
        notes = files.notes();
        return paths;
    }

    postgres::Settings settings() const {
        return {.host = PostgresServer::shared().socket_directory(),
                .database = name,
                .user = "postgres"};
    }

    std::string name = "naming";
    std::vector<std::string> notes;  ///< from the last call of named()
};

using Paths = std::vector<std::string>;

/// Returns the note on a table that is not read.
std::string runs_code(const std::string& table) {
    return fmt::format(
        "the rows of '{}' are not read, because that would run code of the database, in an index "
        "or "
        "a view",
        table);
}

std::size_t allocated() {
#ifdef __SANITIZE_ADDRESS__
    return __sanitizer_get_current_allocated_bytes();
#else
    return ::mallinfo2().uordblks;
#endif
}

/// Returns the most memory that was allocated while all names were read.
std::size_t most_allocated(const Database& database) {
    postgres::Snapshot snapshot(database.settings());
    NamedFiles files(snapshot, false, {});
    std::size_t most = 0;
    for (std::size_t n = 0; files.next(); ++n)
        if (n % 500 == 0) most = std::max(most, allocated());
    return most;
}

}  // namespace

TEST_CASE("names come in the order of an index, whatever the ids") {
    Database database;
    // IDs of all lengths, some of which share directories or contain those of others.
    database.sql(
        "INSERT INTO media_attachments (id, file_file_name, file_content_type, created_at, "
        "updated_at) SELECT DISTINCT ON (id) id, 'a b' || id || '.jpg', 'image/jpeg', now(), now() "
        "FROM (SELECT (10 ^ (n % 19) + n % 7 * 10 ^ (n % 13) + n % 50)::bigint AS id "
        "      FROM generate_series(1, 5000) n) AS ids WHERE id < 9e18");
    database.sql(
        "INSERT INTO accounts (id, username, avatar_file_name, avatar_content_type, "
        "header_file_name, created_at, updated_at) SELECT n * 7, n::text, 'a.gif', 'image/gif', "
        "'b.png', now(), now() FROM generate_series(1, 300) n");
    const auto paths = database.named(true);
    CHECK(std::is_sorted(paths.begin(), paths.end(), [](const auto& a, const auto& b) {
        return media::compare_paths(a, b) < 0;
    }));
    CHECK(paths.size() > 3000);
}

TEST_CASE("only files of our own are named, unless the others are wanted too") {
    Database database;
    database.media(
        "(1, 'ours.mp3', 'audio/mpeg', '', 1, 2),"
        "(2, 'cached.mp3', 'audio/mpeg', 'https://x', 1, 2),"
        "(3, 'not-cached.mp3', 'audio/mpeg', 'https://x', NULL, NULL),"
        "(4, NULL, NULL, 'https://x', NULL, NULL),"
        "(5, '', NULL, '', NULL, NULL)");
    CHECK(database.named(false) == Paths{"media_attachments/files/000/000/001/original/ours.mp3"});
    const Paths others{"cache/media_attachments/files/000/000/002/original/cached.mp3",
                       "media_attachments/files/000/000/001/original/ours.mp3",
                       "media_attachments/files/000/000/003/original/not-cached.mp3"};
    CHECK(database.named(true) == others);
    CHECK(database.named(true, {"cache"}) == Paths(others.begin() + 1, others.end()));
}

TEST_CASE("an attachment that is still being processed names nothing yet") {
    Database database;
    database.media(
        "(1, 'queued.mp3', 'audio/mpeg', '', 1, 0),"
        "(2, 'in-progress.mp3', 'audio/mpeg', '', 1, 1),"
        "(3, 'failed.mp3', 'audio/mpeg', '', 1, 3)");
    CHECK(database.named(false) ==
          Paths{"media_attachments/files/000/000/003/original/failed.mp3"});
}

TEST_CASE("tables and columns that a Mastodon does not have are skipped with a note") {
    Database database;
    database.media("(1, 'a.mp3', 'audio/mpeg', 'https://x', 1, 0)");
    database.sql(
        "DROP TABLE site_uploads; DROP TABLE backups;"
        "ALTER TABLE custom_emojis DROP COLUMN image_file_name;"
        "ALTER TABLE media_attachments DROP COLUMN processing,"
        "DROP COLUMN file_storage_schema_version, DROP COLUMN file_file_size");
    // Without a storage schema version, no file is below cache/.
    CHECK(database.named(true) == Paths{"media_attachments/files/000/000/001/original/a.mp3"});
    const Paths expected{"there is no table 'backups'",
                         "'custom_emojis' has no column of 'image' as it was expected",
                         "there is no table 'site_uploads'"};
    CHECK(database.notes == expected);
}

TEST_CASE("a table that is not there is told once, however many columns of it name files") {
    Database database;
    database.sql("ALTER TABLE media_attachments RENAME TO elsewhere");
    database.named(true);
    CHECK(std::ranges::count(database.notes, "there is no table 'media_attachments'") == 1);
    database.sql("ALTER TABLE elsewhere RENAME TO media_attachments");
}

// A cast is a function that the owner of one of its types defines.
TEST_CASE("a column of a type of the database's owner runs nothing as the role that reads") {
    PostgresServer::shared().create_mastodon("casting");
    Database database;
    database.name = "casting";
    database.media(
        "(1, 'a.mp3', 'audio/mpeg', '', 1, 3), (2, repeat('x', 10000000), 'audio/mpeg', '', 1, 3)");
    const auto paths = database.named(true);
    REQUIRE(paths.size() == 2);
    CHECK(paths[1].size() < 5000);
    database.sql(
        "CREATE TYPE evil AS (v text);"
        "CREATE FUNCTION evil_text(evil) RETURNS text LANGUAGE plpgsql AS "
        "$$BEGIN RAISE 'it was run'; END$$;"
        "CREATE FUNCTION evil_number(evil) RETURNS bigint LANGUAGE plpgsql AS "
        "$$BEGIN RAISE 'it was run'; END$$;"
        "CREATE CAST (evil AS text) WITH FUNCTION evil_text AS IMPLICIT;"
        "CREATE CAST (evil AS bigint) WITH FUNCTION evil_number AS IMPLICIT;"
        "ALTER TABLE media_attachments DROP CONSTRAINT media_attachments_pkey CASCADE, "
        "ALTER id DROP DEFAULT");
    for (const std::string column :
         {"file_content_type", "file_file_size", "processing", "file_storage_schema_version",
          "remote_url", "file_file_name", "id"}) {
        CAPTURE(column);
        database.sql("ALTER TABLE media_attachments ALTER " + column + " DROP DEFAULT, ALTER " +
                     column + " TYPE evil USING row(" + column + ")::evil");
        CHECK_NOTHROW(database.named(true));
        CHECK_NOTHROW(database.named(false));
    }
    CHECK(std::ranges::count(database.notes,
                             "'media_attachments' has no column of 'file' as it "
                             "was expected") == 1);
    // Other types of PostgreSQL are not an error either: an odd database is backed up.
    for (const std::string type : {"text", "numeric", "jsonb"}) {
        CAPTURE(type);
        database.sql(
            "ALTER TABLE accounts DROP CONSTRAINT accounts_pkey CASCADE, "
            "ALTER id DROP DEFAULT, ALTER id TYPE " +
            type + " USING to_json(1)::text::" + type +
            ", ADD CONSTRAINT accounts_pkey PRIMARY KEY (id), "
            "ALTER avatar_file_size TYPE " +
            type + " USING '1'::" + type);
        CHECK_NOTHROW(database.named(true));
    }
}

TEST_CASE("a table below others runs nothing as the role that reads, however far below") {
    PostgresServer::shared().create_mastodon("inheriting");
    Database database;
    database.name = "inheriting";
    database.media("(1, 'a.mp3', 'audio/mpeg', '', 1, 3)");
    database.sql(
        "CREATE ROLE owner_of_it; CREATE TABLE child () INHERITS (media_attachments);"
        "CREATE TABLE grandchild () INHERITS (child);");
    CHECK(database.named(true).size() == 1);
    database.sql(
        "CREATE FUNCTION evil(bigint) RETURNS bigint IMMUTABLE LANGUAGE sql AS 'SELECT 1::bigint';"
        "CREATE INDEX ON grandchild ((evil(1) + id)); ALTER TABLE grandchild OWNER TO owner_of_it;"
        "CREATE OR REPLACE FUNCTION evil(bigint) RETURNS bigint IMMUTABLE LANGUAGE plpgsql AS "
        "$$BEGIN RAISE 'it was run'; END$$;");
    CHECK_NOTHROW(database.named(true));
    CHECK(std::ranges::count(database.notes, runs_code("media_attachments")) == 1);
}

// The transaction of a snapshot sees the definitions of its instant in the catalogs, but a query uses
// the present ones.
TEST_CASE("what becomes of a table after the snapshot runs nothing as the role that reads") {
    PostgresServer::shared().create_mastodon("changing");
    Database database;
    database.name = "changing";
    database.media("(1, 'a.mp3', 'audio/mpeg', '', 1, 3)");
    database.sql(
        "CREATE ROLE owner_of_all; ALTER TABLE media_attachments OWNER TO owner_of_all;"
        "CREATE FUNCTION evil(bigint) RETURNS bigint IMMUTABLE LANGUAGE sql AS 'SELECT $1'");
    const std::string function =
                          "CREATE OR REPLACE FUNCTION evil(bigint) RETURNS bigint IMMUTABLE ",
                      traps = function + "LANGUAGE plpgsql AS $$BEGIN RAISE 'it was run'; END$$;";
    for (const auto& change :
         {std::string("CREATE INDEX evil_index ON media_attachments ((evil(1) + id));") + traps,
          std::string("DROP INDEX evil_index; ALTER TABLE media_attachments RENAME TO gone; "
                      "CREATE VIEW media_attachments AS SELECT * FROM gone WHERE evil(id) > 0")}) {
        CAPTURE(change);
        postgres::Snapshot snapshot(database.settings());
        database.sql(change);
        NamedFiles files(snapshot, true, {});
        CHECK_NOTHROW([&] {
            while (files.next()) {
            }
        }());
        CHECK(std::ranges::count(files.notes(), runs_code("media_attachments")) == 1);
    }
}

TEST_CASE(
    "an index that needs the search path does not end the reading of names by Mastodon's role") {
    PostgresServer::shared().create_mastodon("pathless");
    Database database;
    database.name = "pathless";
    database.media("(1, 'a.mp3', 'audio/mpeg', '', 1, 3)");
    const std::string function = "FUNCTION fold(text) RETURNS text IMMUTABLE LANGUAGE sql AS ";
    database.sql(
        "CREATE FUNCTION folded(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1';"
        "CREATE " +
        function +
        "'SELECT public.folded($1)';"
        "CREATE INDEX ON accounts (fold(username)); CREATE INDEX ON users (fold(email))");
    const Paths names{"media_attachments/files/000/000/001/original/a.mp3"};
    const auto has_email = [&database] {
        postgres::Connection connection(database.settings());
        return postgres::has_value(connection, "users", "email");
    };
    CHECK(database.named(true) == names);
    CHECK(database.notes.empty());
    CHECK_NOTHROW(has_email());
    database.sql("CREATE OR REPLACE " + function + "'SELECT folded($1)'");
    CHECK(database.named(true) == names);
    CHECK(database.notes == Paths{runs_code("accounts")});
    CHECK_FALSE(has_email());
}

TEST_CASE("a database without an encoding may have names of any bytes") {
    const auto& server = PostgresServer::shared();
    server.psql("postgres",
                "CREATE DATABASE bytes ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' "
                "TEMPLATE template0");
    server.psql_file("bytes", SOURCE_DIR "/tests/support/mastodon_schema.sql");
    Database database;
    database.name = "bytes";
    database.media("(1, E'\\xff.mp3', 'audio/mpeg', '', 1, 3)");
    CHECK(database.named(true) == Paths{"media_attachments/files/000/000/001/original/\xff.mp3"});
}

TEST_CASE("ten times the rows take no more memory") {
    Database database;
    const auto add = [&](int from, int to) {
        database.sql(fmt::format(
            "INSERT INTO media_attachments (id, file_file_name, file_content_type, created_at, "
            "updated_at) SELECT n, md5(n::text) || '.jpg', 'image/jpeg', now(), now() "
            "FROM generate_series({}, {}) n",
            from, to));
    };
    add(1, 10'000);
    const auto few = most_allocated(database);
    add(10'001, 100'000);
    CHECK(most_allocated(database) < few + (std::size_t{1} << 20));
}
