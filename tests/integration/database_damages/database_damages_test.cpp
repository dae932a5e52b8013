// SPDX-License-Identifier: GPL-3.0-or-later
//
// Makes a new dump of a database that has changed, and corrects all sums of its set: only the
// contents that were recorded with the original dump can show the change.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/process/process.hpp"
#include "damages.hpp"
#include "integration/postgres/fixture.hpp"
#include "postgres/contents/contents_file.hpp"
#include "postgres/dump/dump.hpp"
#include "postgres/inspect.hpp"
#include "postgres/restore/restore.hpp"
#include "restore/drill/drill_database.hpp"
#include "restore/source/checked_files.hpp"
#include "support/catch.hpp"
#include "support/described_database.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::test;
namespace fs = std::filesystem;

namespace {

constexpr auto whole = "whole", damaged = "damaged", restored = "restored";
constexpr auto owner = "masto";

const PostgresServer& server() {
    static const auto& shared = PostgresServer::shared();
    static const bool made = [] {
        shared.psql("postgres", "CREATE ROLE masto LOGIN; CREATE ROLE \"only named\"");
        shared.psql("postgres", "CREATE DATABASE whole TEMPLATE template0 OWNER masto");
        shared.psql(whole, whole_database);
        return true;
    }();
    (void)made;
    return shared;
}

/// The recorded contents of the whole database, and dumps of changed databases instead of its own.
class Set {
 public:
    Set() {
        server();
        fs::permissions(short_.path(), fs::perms(0711));
        const auto dump = dump_of(whole);
        const auto file = directory_ / postgres::contents_name;
        postgres::write_contents(file, dump.contents.value());
        contents_ = postgres::read_contents(file, {});
    }
    ~Set() { drop(damaged); }
    Set(const Set&) = delete;
    Set& operator=(const Set&) = delete;

    void damage(const std::string& sql) {
        drop(damaged);
        server().psql("postgres", "CREATE DATABASE damaged TEMPLATE whole OWNER masto");
        if (!sql.empty()) server().psql(damaged, sql);
        dump_of(damaged);
    }

    /// Restores the dump, even if it differs from what was recorded.
    /// \param damage SQL for the restored database, before its objects are compared
    postgres::RestoredDatabase restore_it(const std::string& damage = {}) {
        const auto file = directory_ / "database.dump";
        fs::remove(file);
        if (!run({.argv = {"zstd", "-dqf", dump_file(), "-o", file}}).ok())
            throw std::runtime_error("the dump cannot be decompressed");
        auto dumped = restore::dumped_database(manifest_);
        dumped.contents = contents_;
        postgres::RestoreOptions options{
            .dump = file, .database = restored, .owner = owner, .compare = false};
        if (!damage.empty())
            options.adapt = [&](postgres::Connection& connection) { connection.query(damage); };
        auto result = postgres::restore_database(settings_of("postgres"), dumped, options, {}, {});
        drop(restored);
        CHECK(result.comparison.has_values);
        CHECK(result.comparison.has_objects);
        return result;
    }
    std::vector<std::string> problems_of_restore() { return restore_it().comparison.all(); }

    std::vector<std::string> problems_of_drill() {
        restore::DrillOptions options;
        options.scratch = short_ / "d";
        options.postgres_user = "nobody";
        fs::create_directory(options.scratch);
        fs::permissions(options.scratch, fs::perms(0711));
        std::vector<postgres::Check> checks;
        restore::DrillDatabase database(manifest_, contents_, options, options.scratch, {});
        if (database.restore(dump_file(), checks, {}, {}))
            for (auto& check : database.check({}, {})) checks.push_back(std::move(check));
        std::vector<std::string> problems;
        for (const auto& check : checks)
            problems.insert(problems.end(), check.problems.begin(), check.problems.end());
        return problems;
    }

 private:
    static void drop(const char* database) {
        server().psql("postgres", fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", database));
    }
    fs::path dump_file() const { return directory_ / "database.dump.zst"; }

    postgres::Dump dump_of(const char* database) {
        fs::remove(dump_file());
        postgres::Snapshot snapshot(settings_of(database));
        auto& connection = snapshot.connection();
        const auto tools = postgres::find_tools(connection.server_major());
        auto dump =
            postgres::dump(settings_of(database), tools, snapshot.id(), dump_file(), {}, {}, {});
        manifest_.database.dump_uncompressed = dump.uncompressed;
        if (database != std::string(whole)) return dump;
        describe(manifest_, database, postgres::inspect(connection),
                 postgres::record(connection, owner), dump, owner);
        manifest_.database.pg_dump_version = tools.version;
        manifest_.database.rows = snapshot.count_rows({});
        return dump;
    }

    TemporaryDirectory directory_;
    TemporaryDirectory short_;  ///< has a short path, as a socket needs
    store::Manifest manifest_;
    postgres::Contents contents_;
};

bool is_named(const std::vector<std::string>& problems, const std::string& what) {
    return std::any_of(problems.begin(), problems.end(),
                       [&](const auto& problem) { return contains(problem, what); });
}

std::string text_of(const std::vector<std::string>& problems) {
    return fmt::format("{}\n", fmt::join(problems, "\n"));
}

/// Completes the SQL of a damage to a value, which is only the SET clause.
Damage whole_statement(const Damage& damage, std::string& sql) {
    if (*damage.named != '\0') return damage;
    sql = fmt::format("UPDATE kinds SET {} WHERE id = 150", damage.sql);
    return {sql.c_str(), "table 'public.kinds' has 300 rows, as recorded, but their values differ"};
}

std::vector<Damage> all_damages() {
    std::vector<Damage> all;
    for (const auto damages : {damages_of_objects(), damages_of_rows()})
        all.insert(all.end(), damages.begin(), damages.end());
    return all;
}

template <typename Problems>
void try_damages(Set& set, std::size_t step, Problems problems) {
    const auto all = all_damages();
    for (std::size_t i = 0; i < all.size(); i += step) {
        std::string sql;
        const auto damage = whole_statement(all[i], sql);
        set.damage(damage.sql);
        const auto found = problems();
        INFO(damage.sql << "\n" << text_of(found));
        CHECK(is_named(found, damage.named));
    }
}

}  // namespace

TEST_CASE("a database that equals what was recorded is not damaged, in a restore and in a drill") {
    Set set;
    set.damage("");
    CHECK(text_of(set.problems_of_restore()) == "\n");
    CHECK(text_of(set.problems_of_drill()) == "\n");
    CHECK(all_damages().size() > 100);
}

TEST_CASE("a restore names default privileges and comments on extensions, which it leaves out") {
    Set set;
    set.damage("");
    const auto result = set.restore_it();
    const auto sql_of = [&](std::string_view what) {
        std::string sql;
        for (const auto& one : result.left_out)
            if (one.what.starts_with(what)) sql += one.statement;
        return sql;
    };
    CHECK(contains(sql_of("DEFAULT ACL"), "GRANT SELECT ON TABLES"));
    CHECK(contains(sql_of("COMMENT"), "COMMENT ON EXTENSION hstore IS 'ours';"));
    CHECK_FALSE(contains(sql_of("COMMENT"), "pg_trgm"));  // is as CREATE EXTENSION makes it
}

TEST_CASE("a comment on schema public that a restore has not set is named") {
    Set set;
    set.damage("");
    for (const auto* damage :
         {"COMMENT ON SCHEMA public IS NULL", "COMMENT ON SCHEMA public IS 'of others'"}) {
        const auto problems = set.restore_it(damage).comparison.all();
        INFO(damage << "\n" << text_of(problems));
        CHECK(problems.size() == 1);
        CHECK(is_named(problems, "comment on 'SCHEMA public'"));
    }
}

TEST_CASE("a drill names each thing that a dump made anew has lost") {
    Set set;
    std::string sql;
    for (const auto& damage : damages_of_objects().first(5)) sql += std::string(damage.sql) + ";";
    set.damage(sql);
    const auto found = set.problems_of_drill();
    INFO(text_of(found));
    for (const auto& damage : damages_of_objects().first(5)) CHECK(is_named(found, damage.named));
    CHECK(is_named(found, "table 'public.accounts' in the dump is not what was recorded"));
    // Each problem is named only once.
    CHECK(found.size() == 7);
}

TEST_CASE("damage of objects and of values is named") {
    Set set;
    try_damages(set, 9, [&] { return set.problems_of_restore(); });
}

TEST_CASE("every damage of an object or of a value is named by a restore", "[.long]") {
    Set set;
    try_damages(set, 1, [&] { return set.problems_of_restore(); });
}

TEST_CASE("every damage of an object or of a value is named by a drill", "[.long]") {
    Set set;
    try_damages(set, 1, [&] { return set.problems_of_drill(); });
}
