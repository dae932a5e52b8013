// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/dump/dump.hpp"

#include <sys/mount.h>

#include <algorithm>
#include <mutex>
#include <thread>

#include "core/crypto/sha256.hpp"
#include "core/process/process.hpp"
#include "fixture.hpp"
#include "postgres/rows/dumped_rows.hpp"
#include "postgres/snapshot.hpp"
#include "support/catch.hpp"
#include "support/gate.hpp"

using namespace mastobak;
using namespace std::chrono_literals;
using Connection = test::Client;
using postgres::Snapshot;
using test::PostgresServer;
using test::settings_of;
namespace fs = std::filesystem;

namespace {

/// A database with rows, its snapshot, and a directory for the dump.
struct Source {
    explicit Source(const std::string& name, int rows = 1000)
        : settings((fill(name, rows), settings_of(name))), snapshot(settings) {}

    static void fill(const std::string& name, int rows) {
        const auto& server = PostgresServer::shared();
        server.create_mastodon(name);
        const auto count = std::to_string(rows);
        server.psql(name,
                    "INSERT INTO accounts (username, created_at, updated_at) "
                    "SELECT 'user' || n, now(), now() FROM generate_series(1, 100) n");
        server.psql(name,
                    "INSERT INTO statuses (id, text, account_id, created_at, updated_at) "
                    "SELECT n, E'line\\n\\\\.\\t' || md5(n::text), "
                    "(SELECT min(id) FROM accounts), now(), now() FROM generate_series(1, " +
                        count + ") n");
        server.psql(name, "ANALYZE");
    }

    postgres::Dump dump(std::stop_token stop = {}) {
        return postgres::dump(settings, tools, snapshot.id(), file, options, progress, stop);
    }
    Error failure(std::stop_token stop = {}) {
        const auto error = test::error_of([&] { dump(stop); });
        CHECK_FALSE(fs::exists(file));
        return error;
    }

    test::TemporaryDirectory directory;
    fs::path file = directory / "database.dump.zst";
    postgres::Settings settings;
    Snapshot snapshot;
    postgres::Tools tools = postgres::find_tools(snapshot.connection().server_major());
    postgres::DumpOptions options;
    std::function<void(const postgres::DumpProgress&)> progress;
};

/// A script that replaces pg_dump.
fs::path fake_pg_dump(const Source& source, const std::string& script) {
    const auto path = source.directory / "pg_dump";
    test::write(path, "#!/bin/sh\n" + script);
    fs::permissions(path, fs::perms::owner_all);
    return path;
}

}  // namespace

TEST_CASE("a dump holds what the snapshot counted, and tells its own size and hash") {
    Source source("dumped");
    PostgresServer::shared().psql("dumped", "DELETE FROM statuses");
    const auto dump = source.dump();
    REQUIRE(dump.files.size() == 1);
    CHECK(dump.files[0].size == Bytes{fs::file_size(source.file)});
    CHECK(dump.files[0].sha256 == sha256_of_file(source.file));
    CHECK(dump.uncompressed > dump.files[0].size);
    const auto counted = source.snapshot.count_rows({});
    CHECK(counted.at("public.statuses") == 1000);
    CHECK(postgres::read_all_rows(source.file, source.tools, nullptr, {}).counts == counted);
}

TEST_CASE("a dump is restored by zstd and pg_restore alone") {
    Source source("original");
    source.dump();
    const auto& server = PostgresServer::shared();
    server.create_database("restored");
    const auto pipeline = "set -o pipefail; zstd -dc \"$1\" | pg_restore -e --no-owner -d restored";
    auto environment = source.settings.environment();
    const auto finished = run({.argv = {"bash", "-c", pipeline, "-", source.file},
                               .environment = std::move(environment)});
    CHECK(finished.reason() == "exit status 0");
    Snapshot restored(settings_of("restored"));
    CHECK(restored.count_rows({}) == source.snapshot.count_rows({}));
}

TEST_CASE("partitions, unlogged tables and odd names are counted alike in database and dump") {
    const auto& server = PostgresServer::shared();
    server.create_database("odd");
    server.psql("odd", R"(
        CREATE SCHEMA "Other";
        CREATE TABLE "Other"."a ""b" AS SELECT E'\\.\n' || n AS n FROM generate_series(1, 3) n;
        CREATE UNLOGGED TABLE unlogged AS SELECT 1 AS n;
        CREATE TABLE no_columns ();
        INSERT INTO no_columns DEFAULT VALUES;
        CREATE TABLE parted (n int) PARTITION BY LIST (n);
        CREATE TABLE part PARTITION OF parted FOR VALUES IN (1);
        INSERT INTO parted VALUES (1), (1);
        CREATE MATERIALIZED VIEW matview AS SELECT * FROM parted;
        CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS E'BEGIN
COPY public.part (n) FROM stdin;
END';)");
    const auto settings = settings_of("odd");
    Snapshot snapshot(settings);
    const test::TemporaryDirectory directory;
    const auto tools = postgres::find_tools(snapshot.connection().server_major());
    postgres::dump(settings, tools, snapshot.id(), directory / "d", {}, {}, {});
    const auto counted = snapshot.count_rows({});
    CHECK(counted.size() == 4);
    CHECK(postgres::read_all_rows(directory / "d", tools, nullptr, {}).counts == counted);
    auto without = tools;
    without.pg_restore.clear();
    CHECK(postgres::read_all_rows(directory / "d", without, nullptr, {}).counts == counted);
}

TEST_CASE("a dump is read in the same way with and without pg_restore") {
    const auto& server = PostgresServer::shared();
    server.create_database("hashed");
    // pg_dump loads these rows by the partitioned table.
    server.psql("hashed", R"(
        CREATE TYPE mood AS ENUM ('good', 'bad');
        CREATE TABLE moods (m mood, n int) PARTITION BY HASH (m);
        CREATE TABLE moods_0 PARTITION OF moods FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE moods_1 PARTITION OF moods FOR VALUES WITH (MODULUS 2, REMAINDER 1);
        INSERT INTO moods SELECT (ARRAY['good', 'bad'])[n % 2 + 1]::mood, n
            FROM generate_series(1, 100) n;
        CREATE TABLE empty (n int);)");
    const auto settings = settings_of("hashed");
    Snapshot snapshot(settings);
    const test::TemporaryDirectory directory;
    auto tools = postgres::find_tools(snapshot.connection().server_major());
    const auto dump = postgres::dump(settings, tools, snapshot.id(), directory / "d", {}, {}, {});
    const auto with = postgres::read_all_rows(directory / "d", tools, &dump.contents->key, {});
    tools.pg_restore.clear();
    const auto without = postgres::read_all_rows(directory / "d", tools, &dump.contents->key, {});
    CHECK(without.counts == with.counts);
    CHECK(without.counts.at("public.empty") == 0);
    for (const auto& [table, digest] : with.digests) {
        CAPTURE(table);
        CHECK(without.digests.at(table) == digest);
    }
    fs::resize_file(directory / "d", fs::file_size(directory / "d") - 5);
    CHECK(test::error_of([&] {
              postgres::read_all_rows(directory / "d", tools, nullptr, {}).counts;
          }).code() == Errc::corrupt);
}

TEST_CASE("progress only grows, and ends at all of it") {
    Source source("watched", 100000);
    std::mutex mutex;
    std::vector<double> fractions;
    source.progress = [&](const postgres::DumpProgress& progress) {
        const std::lock_guard lock(mutex);
        fractions.push_back(progress.fraction);
    };
    source.dump();
    CHECK(std::is_sorted(fractions.begin(), fractions.end()));
    CHECK(fractions.back() == 1);
    CHECK(fractions.size() > 1);
}

TEST_CASE("a lock that is held is an error that says who holds it") {
    Source source("locked");
    source.options.lock_timeout = 1s;
    Connection migration(source.settings);
    migration.query("SET application_name = 'rails db:migrate'");
    migration.query("BEGIN");
    migration.query("LOCK TABLE statuses");
    const auto error = source.failure();
    CHECK(error.code() == Errc::database);
    CHECK(test::contains(error.text(), "no lock within 1 s; it is held by rails db:migrate (pid " +
                                           std::to_string(migration.backend_pid()) +
                                           ", user postgres): LOCK TABLE statuses"));
}

TEST_CASE("a pg_dump that fails, says nothing or says nonsense leaves no file") {
    Source source("failing");
    SECTION("it exits non-zero after much output") {
        source.tools.pg_dump = fake_pg_dump(source,
                                            "printf PGDMP; head -c 1000000 /dev/urandom\n"
                                            "echo 'pg_dump: error: the disk burns' >&2\nexit 3");
        CHECK(test::contains(source.failure().text(), "the disk burns"));
    }
    SECTION("it prints nothing and exits with 0") {
        source.tools.pg_dump = fake_pg_dump(source, "exit 0");
        CHECK(test::contains(source.failure().text(), "wrote nothing"));
    }
    SECTION("it prints something else") {
        source.tools.pg_dump = fake_pg_dump(source, "echo usage");
        CHECK(test::contains(source.failure().text(), "something other than a dump"));
    }
    SECTION("it is killed") {
        source.tools.pg_dump = fake_pg_dump(source, "printf PGDMP; kill -9 $$");
        CHECK(test::contains(source.failure().text(), "killed by signal 9"));
    }
    SECTION("its snapshot is gone") {
        source.snapshot.connection().query("ROLLBACK");
        CHECK(source.failure().code() == Errc::database);
    }
}

TEST_CASE("a pg_dump that hangs is ended by a stop request") {
    Source source("hanging");
    source.tools.pg_dump = fake_pg_dump(source, "cat \"${0%/*}/gate\"");
    test::Gate gate(source.directory / "gate");
    std::stop_source stop;
    const std::jthread stopper([&] {
        gate.is_reached();
        stop.request_stop();
    });
    CHECK(source.failure(stop.get_token()).code() == Errc::cancelled);
}

TEST_CASE("a pg_dump that is silent for too long is ended, and the error says at what it was") {
    Source source("silent");
    source.options.longest_silence = 2s;
    source.options.lock_timeout = 0s;
    std::optional<Connection> holder;
    SECTION("nobody knows") {
        source.tools.pg_dump = fake_pg_dump(source, "printf PGDMP; exec sleep 600");
        CHECK(test::contains(source.failure().text(), "the server has no session of it"));
    }
    SECTION("a lock that is never released") {
        holder.emplace(source.settings);
        holder->query("BEGIN");
        holder->query("LOCK TABLE statuses");
        const auto error = source.failure();
        CAPTURE(error.text());
        CHECK(error.code() == Errc::database);
        CHECK(test::contains(error.text(), "it wrote nothing for 2 s and was ended"));
        CHECK(test::contains(error.text(), "LOCK TABLE"));
        CHECK(test::contains(error.text(), "(Lock relation)"));
    }
}

TEST_CASE("the callback that counts bytes may end the dump") {
    Source source("dump_counted");
    Bytes last;
    source.options.on_bytes = [&](Bytes written) {
        CHECK(written > last);
        last = written;
        if (written > Bytes{100'000}) throw Error(Errc::staging, "enough");
    };
    CHECK(source.failure().text() == "enough");
}

TEST_CASE("a full disk is an error of staging that leaves no file") {
    Source source("large", 20000);
    const auto mount_point = source.directory / "small";
    fs::create_directory(mount_point);
    REQUIRE(::mount("tmpfs", mount_point.c_str(), "tmpfs", 0, "size=64k") == 0);
    source.file = mount_point / "database.dump.zst";
    const auto error = source.failure();
    CHECK(error.code() == Errc::staging);
    CHECK(test::contains(error.hint(), "make room"));
    CHECK(::umount(mount_point.c_str()) == 0);
}

TEST_CASE("a session that the server ends under pg_dump is an error of the database") {
    Source source("vanishing");
    Connection migration(source.settings), admin(source.settings);
    migration.query("BEGIN");
    migration.query("LOCK TABLE statuses");
    const std::jthread terminator([&admin] {
        test::eventually([&admin] {
            return !admin
                        .query(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                            "application_name LIKE 'mastobak dump%' AND wait_event_type = "
                            "'Lock'")
                        .empty();
        });
    });
    const auto error = source.failure();
    CHECK(error.code() == Errc::database);
    CHECK_FALSE(test::contains(error.text(), "no lock within"));
}

TEST_CASE("a dump that is cut or altered is found when it is counted") {
    Source source("cut");
    source.dump();
    const auto whole = test::read(source.file);
    const auto code_of = [&source](const std::string& contents) {
        test::write(source.file, contents);
        return test::error_of(
                   [&] { postgres::read_all_rows(source.file, source.tools, nullptr, {}).counts; })
            .code();
    };
    CHECK(code_of(whole.substr(0, whole.size() * 6 / 10)) == Errc::corrupt);
    CHECK(code_of(whole.substr(0, whole.size() - 1)) == Errc::corrupt);
    CHECK(code_of("") == Errc::corrupt);
    auto altered = whole;
    altered[altered.size() / 2] = static_cast<char>(altered[altered.size() / 2] ^ 1);
    CHECK(code_of(altered) == Errc::corrupt);
}
