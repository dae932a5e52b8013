// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/setup/database_role.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/process/privilege.hpp"
#include "core/process/process.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/setup/compose_configuration.hpp"
#include "mastodon/database_settings.hpp"
#include "postgres/connection.hpp"

namespace mastobak::daemon {
namespace {

namespace fs = std::filesystem;

// The names need no quotes, because they are constants. The role gets only the rights that a dump
// needs, and pg_read_all_stats, which shows the holder of a lock.
constexpr auto role_sql = R"(
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'mastobak') THEN
        CREATE ROLE mastobak LOGIN;
    END IF;
END $$;
GRANT pg_read_all_data, pg_read_all_stats TO mastobak;
)";

/// Returns the directory of the socket of a server on this host; nullopt for another host.
std::optional<std::string> local_socket(const mastodon::DatabaseSettings& database) {
    if (database.host.starts_with('/')) return database.host;
    const bool local = database.host.empty() || database.host == "localhost" ||
                       database.host == "127.0.0.1" || database.host == "::1";
    if (!local) return std::nullopt;
    for (const auto* directory : {"/run/postgresql", "/var/run/postgresql", "/tmp"}) {
        const auto socket = fs::path(directory) / fmt::format(".s.PGSQL.{}", database.port);
        if (std::error_code ignored; fs::exists(socket, ignored)) return directory;
    }
    return std::nullopt;
}

/// Returns a command that runs SQL as the superuser, in a database that is not Mastodon's.
Command as_superuser(const std::string& socket, std::uint16_t port, const std::string& sql) {
    return {
        .argv = {"runuser", "-u", "postgres", "--", "psql", "--no-psqlrc", "--quiet", "--no-align",
                 "--tuples-only", "--set=ON_ERROR_STOP=1", "--host=" + socket,
                 fmt::format("--port={}", port), "--dbname=postgres", "--command", sql},
        // The socket comes from Mastodon's settings, so a server of another user may listen there;
        // PGREQUIREPEER refuses it. Other users may have created functions in this database, too,
        // hence the search path.
        .environment = {{"PGREQUIREPEER", "postgres"},
                        {"PGOPTIONS", "-c search_path=pg_catalog"},
                        {"LC_ALL", "C"}},
        .timeout = std::chrono::seconds(30)};
}

/// Creates the role.
/// \return whether the role exists now
bool make_role(const std::string& socket, const mastodon::DatabaseSettings& database) {
    const auto result = run(as_superuser(socket, database.port, role_sql));
    if (result.ok()) return true;
    // A configuration without the role would be a worse one, which stays when the server is up.
    if (result.error_tail.find("Is the server running") != std::string::npos)
        throw Error(
            Errc::database,
            fmt::format("PostgreSQL does not answer at '{}', port {}", socket, database.port),
            "systemctl start postgresql");
    say("role         cannot be created: {}\n"
        "             the backup will use Mastodon's own role '{}' instead\n",
        result.reason(), database.user);
    return false;
}

/// Returns a name for pg_hba.conf: "mastodon_production", or another name in quotes.
std::string hba_name(const std::string& name) {
    const bool plain = std::ranges::all_of(name, [](unsigned char c) {
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    });
    if (plain) return name;
    std::string quoted = "\"";
    for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + '"';
}

std::string hba_file(const std::string& socket, std::uint16_t port) {
    const auto result = run(as_superuser(socket, port, "SHOW hba_file"));
    const auto line = result.output.substr(0, result.output.find('\n'));
    return result.ok() && !line.empty() ? line : "pg_hba.conf";
}

/// Logs in as the daemon's user, so that no file of root's is used.
/// \return why that fails; nullopt when it does not
std::optional<Error> login_failure(const postgres::Settings& settings,
                                   const std::function<void(postgres::Connection&)>& then = {}) {
    std::optional<Error> failed;
    run_as_user(database_role, [&] {
        try {
            postgres::Connection connection(settings);
            if (then) then(connection);
        } catch (const Error& error) {
            failed = error;
        }
    });
    return failed;
}

/// Logs in without a password.
/// \return why that fails; empty when it does not
std::string why_no_login(postgres::Settings settings, const std::string& role,
                         const std::function<void(postgres::Connection&)>& then = {}) {
    settings.user = role;
    settings.password.clear();
    const auto failed = login_failure(settings, then);
    return failed ? failed->text() : "";
}

/// Logs in as the daemon will, because only an attempt shows whether pg_hba.conf permits it.
/// \return why the role may not log in; empty when it may
std::string why_no_login(const std::string& socket, const mastodon::DatabaseSettings& database) {
    postgres::Settings settings;
    settings.host = socket;
    settings.port = database.port;
    settings.database = database.name;
    return why_no_login(settings, database_role);
}

/// Creates the role as the administrator, if that needs no password.
/// \return why it was not created; empty when it exists now
std::string make_role_in_container(postgres::Settings settings, const std::string& superuser) {
    if (superuser.empty()) return "the server is not a container of the project";
    settings.database = "postgres";
    std::string refused;
    const auto why_not = why_no_login(settings, superuser, [&](postgres::Connection& connection) {
        if (const auto refusal = connection.attempt(role_sql)) refused = refusal->error.text();
    });
    return why_not.empty() ? refused : why_not;
}

/// \return whether the role may log in
bool try_role(const std::string& socket, const mastodon::DatabaseSettings& database) {
    const auto why_not = why_no_login(socket, database);
    if (why_not.empty()) return true;
    say("role         '{0}' was created, but cannot log in: {1}\n"
        "             To let it in, write this line before the first one of {2},\n"
        "             then: systemctl reload postgresql; mastobak setup --force\n"
        "               local {3} {0} peer\n"
        "             Until then the backup uses Mastodon's own role '{4}'.\n",
        database_role, why_not, hba_file(socket, database.port), hba_name(database.name),
        database.user);
    return false;
}

}  // namespace

std::optional<std::string> let_role_in(const mastodon::DatabaseSettings& database) {
    auto socket = local_socket(database);
    if (!socket || !make_role(*socket, database) || !try_role(*socket, database))
        return std::nullopt;
    say("role         '{}' may read '{}'\n", database_role, database.name);
    return socket;
}

bool let_role_into_container(const postgres::Settings& mastodons, const std::string& place,
                             const std::string& superuser) {
    if (const auto failed = login_failure(mastodons)) throw Error(*failed);
    say("database     {}\n", place);
    auto why_not = make_role_in_container(mastodons, superuser);
    // The role may exist although the administrator cannot log in.
    if (auto not_in = why_no_login(mastodons, database_role); !not_in.empty()) {
        if (why_not.empty()) why_not = std::move(not_in);
    } else {
        why_not.clear();
    }
    if (why_not.empty()) {
        say("role         '{}' may read '{}'\n", database_role, mastodons.database);
        return true;
    }
    say("role         Mastodon's own role '{}' is used: one that may only read needs a server "
        "that\n"
        "             trusts its clients ({})\n",
        mastodons.user, why_not);
    return false;
}

void make_configured_role(const config::Config& config) {
    if (config.database.user != database_role) return;
    if (config.mastodon.compose.used()) {
        if (config.database.host) return;  // not the server of the project
        std::string superuser;
        const auto settings = database_of_project(config, superuser);
        if (const auto why = make_role_in_container(settings, superuser);
            !why.empty() && !why_no_login(settings, database_role).empty())
            say("role         cannot be created: {}\n", why);
        return;
    }
    mastodon::DatabaseSettings database;
    database.host = config.database.host.value_or("");
    database.port = config.database.port.value_or(database.port);
    database.name = config.database.name.value_or(database.name);
    const auto socket = local_socket(database);
    if (!socket) return;
    const auto made = run(as_superuser(*socket, database.port, role_sql));
    if (!made.ok() && !why_no_login(*socket, database).empty())
        say("role         cannot be created: {}\n", made.reason());
}

}  // namespace mastobak::daemon
