// SPDX-License-Identifier: GPL-3.0-or-later
#include "trial.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "backup/database/check_dump.hpp"
#include "core/process/process.hpp"
#include "integration/postgres/fixture.hpp"
#include "odd_database.hpp"
#include "postgres/contents/contents_file.hpp"
#include "postgres/dump/dump.hpp"
#include "postgres/inspect.hpp"
#include "restore/drill/drill_database.hpp"
#include "restore/source/checked_files.hpp"
#include "support/described_database.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;

namespace {

constexpr auto source = "odd \"source\"", target = "odd 'target'";
constexpr auto quoted_source = "\"odd \"\"source\"\"\"", quoted_target = "\"odd 'target'\"";
/// The role that Mastodon's settings name.
const std::string mastodon_role = roles_of_odd_databases()[0];

std::string sql_name(const std::string& name) {
    std::string result = "\"";
    for (const char c : name) result += c == '"' ? std::string("\"\"") : std::string(1, c);
    return result + "\"";
}

/// Returns the server, with the roles and the tablespace that the databases need.
const PostgresServer& server() {
    static const auto& shared = PostgresServer::shared();
    static const bool made = [] {
        for (const auto& role : roles_of_odd_databases())
            shared.psql("postgres", "CREATE ROLE " + sql_name(role) + " LOGIN");
        const auto place = shared.socket_directory() / "elsewhere";
        if (!run({.argv = {"install", "-d", "-o", "postgres", place}}).ok())
            throw std::runtime_error("no place for a tablespace");
        shared.psql("postgres", "CREATE TABLESPACE elsewhere LOCATION '" + place.native() + "'");
        return true;
    }();
    (void)made;
    return shared;
}

void drop(const char* database, const char* quoted) {
    const auto there = server().psql(
        "postgres",
        fmt::format("SELECT count(*) FROM pg_database WHERE datname = $x${}$x$", database));
    if (there == "0") return;
    // Removes what prevents the removal of a database: its settings and subscriptions.
    server().psql("postgres", fmt::format("ALTER DATABASE {} RESET ALL", quoted));
    const auto subscriptions = server().psql(
        database,
        "SELECT coalesce(string_agg(format('DROP SUBSCRIPTION %I;', subname), ''), '') "
        "FROM pg_subscription s JOIN pg_database d ON d.oid = subdbid "
        "WHERE datname = current_database()");
    if (!subscriptions.empty()) server().psql(database, subscriptions);
    server().psql("postgres", fmt::format("DROP DATABASE {} WITH (FORCE)", quoted));
}

int major() {
    static const int version = postgres::Connection(settings_of("postgres")).server_major();
    return version;
}

std::string text_of(const std::vector<postgres::Check>& checks) {
    std::string text;
    for (const auto& check : checks) {
        if (check.verdict == postgres::Verdict::skipped &&
            (check.name == "sequences" || check.name == "schema"))
            text += fmt::format("drill, {}: {}\n", check.name, check.figure);
        for (const auto& problem : check.problems)
            text += fmt::format("drill, {}: {}\n", check.name, problem);
    }
    return text;
}

}  // namespace

Trial::Trial(unsigned seed) : Trial(odd_database(seed, major(), quoted_source)) {}

Trial::Trial(unsigned seed, const OddKind& kind) : Trial(odd_database(seed, kind)) {}

Trial::Trial(const OddDatabase& odd) {
    drop(source, quoted_source);
    drop(target, quoted_target);
    kinds_ = odd.kinds;
    owner_ = odd.owner;
    server().psql("postgres", fmt::format("CREATE DATABASE {} TEMPLATE template0 OWNER {} {}",
                                          quoted_source, sql_name(owner_), odd.options));
    const auto file = directory_ / "odd.sql";
    write(file, "\\set QUIET 1\nSET client_min_messages = error;\n" + odd.sql);
    server().psql_file(source, file);
    fs::permissions(short_.path(), fs::perms(0711));
}

Trial::~Trial() {
    drop(source, quoted_source);
    drop(target, quoted_target);
}

std::string Trial::kinds() const {
    return fmt::format("{}", fmt::join(kinds_, ", "));
}

std::vector<std::string> Trial::left_out() const {
    std::vector<std::string> names;
    for (const auto& one : restored_.left_out)
        if (!one.what.starts_with("owner of ")) names.push_back(one.what);
    return names;
}

std::string Trial::problems() {
    try {
        back_up();
        return drill() + restore();
    } catch (const Error& error) {
        return fmt::format("{}\n", error.what());
    }
}

void Trial::back_up() {
    const auto settings = settings_of(source);
    auto snapshot = std::make_shared<postgres::Snapshot>(settings);
    auto& connection = snapshot->connection();
    const auto facts = postgres::inspect(connection);
    const auto recorded = postgres::record(connection, mastodon_role);
    const auto tools = postgres::find_tools(connection.server_major());
    const auto dump_file = directory_ / "database.dump.zst";
    const auto dump = postgres::dump(settings, tools, snapshot->id(), dump_file, {}, {}, {});
    manifest_.database.rows =
        backup::check_dump(std::move(snapshot), dump_file, tools, dump.contents, {}).rows;
    test::describe(manifest_, source, facts, recorded, dump, mastodon_role);
    manifest_.database.pg_dump_version = tools.version;
    const auto file = directory_ / postgres::contents_name;
    postgres::write_contents(file, dump.contents.value());
    contents_ = postgres::read_contents(file, {});
}

std::string Trial::drill() {
    restore::DrillOptions options;
    options.scratch = short_ / "d";
    options.postgres_user = "nobody";  // not root; this user exists on every host
    fs::create_directory(options.scratch);
    fs::permissions(options.scratch, fs::perms(0711));
    std::vector<postgres::Check> checks;
    restore::DrillDatabase database(manifest_, contents_, options, options.scratch, {});
    if (database.restore(directory_ / "database.dump.zst", checks, {}, {}))
        for (auto& check : database.check({}, {})) checks.push_back(std::move(check));
    return text_of(checks);
}

std::string Trial::restore() {
    const auto file = directory_ / "database.dump";
    if (!run({.argv = {"zstd", "-dqf", directory_ / "database.dump.zst", "-o", file}}).ok())
        return "the dump cannot be decompressed\n";
    const auto settings = settings_of("postgres");
    auto dumped = restore::dumped_database(manifest_);
    dumped.contents = contents_;
    postgres::RestoreOptions options{.dump = file, .database = target};
    options.owner = postgres::owner_to_be(settings, dumped, {});
    try {
        restored_ = postgres::restore_database(settings, dumped, options, {}, {});
    } catch (const Error& error) {
        return fmt::format("restore: {}\n", error.what());
    }
    std::string problems;
    const auto& compared = restored_.comparison;
    if (!compared.has_values)
        problems += "restore: values are not compared: " + compared.no_values_because + "\n";
    if (!compared.has_objects)
        problems += "restore: the schema is not compared: " + compared.no_objects_because + "\n";
    for (const auto& what : compared.differences.not_compared)
        problems += "restore: not compared: " + what + "\n";
    if (options.owner != mastodon_role)
        problems += "restore: it belongs to " + options.owner + "\n";
    // If statements were left out, their objects and dependent ones are missing.
    if (restored_.left_out.empty()) problems += server().differences(source, target);
    return problems;
}

}  // namespace mastobak::test
