// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/process/process.hpp"
#include "dumped_nights.hpp"
#include "dumps/read_dump.hpp"
#include "integration/postgres/fixture.hpp"
#include "restore/source/checked_files.hpp"
#include "restore/source/set_source.hpp"
#include "store/formats/manifest_facts.hpp"
#include "support/catch.hpp"
#include "support/dies_at.hpp"
#include "support/restore_guide.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

/// A database like Mastodon's, its days and its nights.
struct NightlyInstance {
    PostgresServer& server = PostgresServer::shared();
    TemporaryDirectory directory;
    DumpedNights nights;
    /// Digests of what pg_dump wrote, and of the rows, by set.
    std::map<std::string, std::string> sql{}, rows{};
    std::set<std::string> bases{};
    int day = 0, differences = 0;

    explicit NightlyInstance(const config::Database& database, const config::Retention& retention)
        : nights({.directory = directory.path(),
                  .settings = settings_of("mastodon"),
                  .database = database,
                  .retention = retention}) {
        fs::permissions(directory.path(), fs::perms(0711));
        server.psql("postgres", "DROP DATABASE IF EXISTS mastodon");
        generate("make-database", {"mastodon"});
    }

    /// Runs a script, and returns its output without the last newline.
    std::string shell(const std::string& script, const Names& arguments) const {
        std::vector<std::string> argv{"bash", "-euo", "pipefail", "-c", script, "bash"};
        argv.insert(argv.end(), arguments.begin(), arguments.end());
        auto done = run({.argv = argv,
                         .environment = {{"PGHOST", server.socket_directory()},
                                         {"PGUSER", "postgres"},
                                         {"MASTOBAK_BIN", MASTOBAK_BIN},
                                         {"bin", server.bin()}}});
        INFO(script << '\n' << done.output << done.error_tail);
        REQUIRE(done.ok());
        if (done.output.ends_with('\n')) done.output.pop_back();
        return done.output;
    }

    void generate(const std::string& program, const Names& arguments) const {
        Names all{SOURCE_DIR "/tests/support/instance/" + program, "--size", "8"};
        all.insert(all.end(), arguments.begin(), arguments.end());
        shell("\"$@\"", all);
    }

    /// Lets a day pass.
    /// \param event rare change of the day; empty: none
    void live_on(const std::string& event) {
        Names arguments{std::to_string(++day), "mastodon"};
        if (!event.empty()) arguments.insert(arguments.begin(), {"--event", event});
        generate("make-day", arguments);
        nights.sleep();
    }

    /// Returns the digest of a dump's SQL. Newer dumps begin and end with a random key.
    std::string digest_of_sql(const fs::path& dump) const {
        return shell(
            R"("$bin/pg_restore" --file=- "$1" | grep -av '^.\(un\)\?restrict ' | sha256sum)",
            {dump});
    }

    /// Returns the digest of all rows of a database and of its sequences. A restore may place rows in
    /// another order, so they are sorted.
    std::string digest_of_rows(const std::string& database) const {
        return shell(
            R"("$bin/psql" -XAtq -v ON_ERROR_STOP=1 -d "$1" << 'SQL' | LC_ALL=C sort | sha256sum
SELECT format('COPY public.%I TO STDOUT', relname) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname \gexec
SELECT sequencename, last_value FROM pg_sequences ORDER BY 1
SQL
)",
            {database});
    }

    /// Dumps the database with pg_dump, too, from the same snapshot.
    void back_up() {
        const auto theirs = directory / "theirs.dump";
        nights.back_up([&](const postgres::Snapshot& snapshot) {
            shell(R"("$bin/pg_dump" -Fc -Z0 --snapshot="$1" -f "$2" mastodon)",
                  {snapshot.id(), theirs});
        });
        const auto set = nights.staging().latest().value();
        sql[set] = digest_of_sql(theirs);
        rows[set] = digest_of_rows("mastodon");
    }

    /// Returns whether the dump of a set is a difference.
    bool has_difference(const std::string& set) const {
        const auto tags = RestoreGuide(nights.staging().set(set)).tags();
        return std::find(tags.begin(), tags.end(), "database-rebuild") != tags.end();
    }

    /// Rebuilds the dump of a set, with the commands of RESTORE.md and without mastobak.
    fs::path rebuild(const std::string& set) const {
        const auto work = directory / "work";
        fs::remove_all(work);
        fs::create_directory(work);
        const auto directory_of_set = nights.staging().set(set);
        if (has_difference(set)) {
            RestoreGuide(directory_of_set)
                .run({"variables", "database-rebuild"}, {{"TMPDIR", work}});
            return fs::directory_iterator(work)->path() / "database.dump";
        }
        const auto base = nights.staging().manifest(set).database.base.value().name;
        shell(R"(zstd -dcq "$1" > "$2")", {nights.staging().shared(base), work / "database.dump"});
        return work / "database.dump";
    }

    /// Applies retention, and kills it before each of its durable changes.
    void prune_with_crashes() const {
        for (int step = 1;; ++step) {
            CAPTURE(step);
            const bool died = dies_at(step, [&] {
                if (!nights.prune().empty()) throw std::exception();
            });
            CHECK(nights.damage() == Names{});
            if (!died) return;
        }
    }

    void check_kept_sets() const {
        for (const auto& set : nights.staging().list()) {
            CAPTURE(set, has_difference(set));
            CHECK(digest_of_sql(rebuild(set)) == sql.at(set));
        }
        CHECK(nights.stored().count == nights.named().count);
    }

    /// Lets a day pass, makes a set, applies retention, and checks all sets that are left.
    void spend_a_night(const std::string& event) {
        live_on(event);
        CAPTURE(day, event);
        back_up();
        const auto set = nights.staging().latest().value();
        bases.insert(nights.staging().manifest(set).database.base.value().name);
        differences += has_difference(set) ? 1 : 0;
        prune_with_crashes();
        check_kept_sets();
    }

    void restore_kept_sets() const {
        for (const auto& set : nights.staging().list()) {
            CAPTURE(set);
            server.create_database("restored");
            shell(R"("$bin/pg_restore" --exit-on-error -d restored "$1")", {rebuild(set)});
            CHECK(digest_of_rows("restored") == rows.at(set));
        }
    }
};

}  // namespace

constexpr config::Retention few_sets{.daily = 3, .weekly = 1, .monthly = 0, .minimum = 2};

TEST_CASE("ten nights: every kept set is exactly the database of its instant") {
    config::Database database;
    database.full_every = std::chrono::hours(4 * 24);
    NightlyInstance instance(database, few_sets);
    for (const std::string event :
         {"", "", "rewrite", "migrate", "", "remake", "reindex", "", "reorder", ""})
        instance.spend_a_night(event);
    CHECK(instance.bases.size() >= 3);
    CHECK(instance.differences >= 5);
    CHECK(instance.nights.staging().list().size() >= 3);
    CHECK(instance.nights.staging().list().size() <= 5);
    instance.restore_kept_sets();
}

TEST_CASE("thirty nights of the default configuration: every kept set is the database", "[.long]") {
    NightlyInstance instance({}, {});
    const std::map<int, std::string> events{
        {4, "rewrite"}, {9, "migrate"}, {14, "remake"}, {19, "reindex"}, {24, "reorder"}};
    for (int night = 1; night <= 30; ++night) {
        const auto event = events.find(night);
        instance.spend_a_night(event == events.end() ? "" : event->second);
    }
    CHECK(instance.bases.size() >= 2);
    CHECK(instance.differences >= 20);
    CHECK(instance.nights.staging().list().size() >= 10);
    instance.restore_kept_sets();
}

TEST_CASE("a night in which nothing has changed adds next to nothing") {
    NightlyInstance instance({}, few_sets);
    instance.back_up();
    const auto base = instance.nights.added();
    instance.nights.sleep();
    instance.back_up();
    CHECK(instance.has_difference(instance.nights.staging().latest().value()));
    CHECK(instance.nights.added().count < base.count / 50);
    instance.check_kept_sets();

    // A remote has the same layout as staging. A fetched base is stored under another name.
    config::Remote remote;
    remote.name = "disk";
    remote.type = config::RemoteType::directory;
    remote.target = instance.nights.staging().root();
    const auto source = restore::sets_at(remote, instance.directory / "scratch");
    const auto set = instance.nights.staging().latest().value();
    const auto manifest = source->manifest(set, {});
    const auto read =
        dumps::read_dump(restore::fetch_dump(*source, manifest, {}), dumps::DumpDigest::check);
    Bytes size;
    for (auto block = read(); !block.empty(); block = read()) size += Bytes{block.size()};
    CHECK(size == manifest.database.dump_uncompressed);
}
