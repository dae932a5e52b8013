// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/restores/database_server.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string_view>

#include "core/error.hpp"
#include "core/process/accounts.hpp"
#include "core/text.hpp"
#include "daemon/cli/confirm.hpp"
#include "mastodon/database_settings.hpp"
#include "postgres/connection.hpp"

namespace mastobak::daemon {
namespace {

constexpr auto sources =
    "the password comes from --passfile FILE (a line HOST:PORT:DATABASE:ROLE:PASSWORD, where * is "
    "any), from PGPASSFILE or PGPASSWORD, or from a terminal";

bool contains(const Error& error, std::string_view words) {
    return error.text().find(words) != std::string::npos;
}

/// libpq ignores a passfile that other users may read, with only a warning on standard error.
void check_passfile(const std::filesystem::path& file) {
    struct stat status {};
    const auto name = readable(file.native());
    if (::stat(file.c_str(), &status) != 0)
        throw errno_error(Errc::usage, fmt::format("the passfile '{}'", name), errno);
    if (!S_ISREG(status.st_mode))
        throw Error(Errc::usage, fmt::format("the passfile '{}' is not a file", name), sources);
    if ((status.st_mode & 077) != 0)
        throw Error(Errc::usage, fmt::format("others may read the passfile '{}'", name),
                    fmt::format("chmod 600 {}", shell_word(file.native())));
}

void add_password(postgres::Settings& server, const RestoreRequest& request,
                  const postgres::Settings& own) {
    const auto variable = [&request](const char* name) {
        const auto found = request.variables.find(name);
        return found == request.variables.end() ? std::string() : found->second;
    };
    if (!request.passfile.empty())
        server.passfile = std::filesystem::absolute(request.passfile);
    else if (server.passfile.empty())
        server.passfile = variable("PGPASSFILE");
    if (!server.passfile.empty()) return check_passfile(server.passfile);
    server.password = variable("PGPASSWORD");
    if (!server.password.empty() || own.host != server.host || own.port != server.port ||
        own.user != server.user)
        return;
    server.password = own.password;
    server.passfile = own.passfile;
}

/// Without a password, the server identifies the client of its socket by the system's user, so the
/// connection must be made as that user.
void become_its_user(postgres::Settings& server) {
    const bool secret = !server.password.empty() || !server.passfile.empty();
    if (server.by_socket() && !secret && ::geteuid() == 0 && account_named(server.user))
        server.system_user = server.user;
}

/// Tries to connect.
/// \return the error, or nullopt
std::optional<Error> failure_of(const postgres::Settings& server, const std::stop_token& stop) {
    try {
        postgres::Connection connection(server, stop);
        return std::nullopt;
    } catch (const Error& error) {
        if (error.code() != Errc::database) throw;
        return error;
    }
}

bool is_of_password(const Error& error) {
    return contains(error, "password authentication failed") ||
           contains(error, "no password supplied");
}

/// Returns whether the server refuses only this database, and not the role.
bool is_of_database(const Error& error) {
    return contains(error, "database \"") &&
           (contains(error, "does not exist") || contains(error, "permission denied") ||
            contains(error, "pg_hba.conf"));
}

std::string place(const std::string& database, const std::string& host, int port) {
    return fmt::format("database '{}' at {}:{}", readable(database),
                       is_this_host(host) ? "this host" : "'" + readable(host) + "'", port);
}

}  // namespace

postgres::Settings server_to_restore_into(postgres::Settings url, const RestoreRequest& request,
                                          const postgres::Settings& own, const std::string& name,
                                          const std::stop_token& stop) {
    auto server = url;
    add_password(server, request, own);
    become_its_user(server);
    std::vector<std::string> databases{"postgres", "template1"};
    if (!url.database.empty() && url.database != name)
        databases.insert(databases.begin(), url.database);
    databases.push_back(name);  // with some providers, a customer can use only this one
    std::optional<Error> first;
    for (const auto& database : databases) {
        server.database = database;
        auto failure = failure_of(server, stop);
        if (failure && contains(*failure, "no password supplied") && can_ask()) {
            server.password =
                secret(fmt::format("Password of role '{}' at '{}':", readable(server.user),
                                   readable(server.host)),
                       stop);
            failure = failure_of(server, stop);
        }
        if (!failure) return server;
        if (!first) first = failure;
        if (!is_of_database(*failure)) break;
    }
    throw Error(Errc::database, first->text(),
                is_of_password(*first)
                    ? sources
                    : "are host, port, role and parameters of --database-url right, and does its "
                      "pg_hba.conf (or the provider's list of addresses) let this host in?");
}

bool is_this_host(const std::string& host) {
    return host.empty() || host.starts_with('/') || host == "localhost" || host == "127.0.0.1" ||
           host == "::1";
}

std::optional<std::string> other_database(const mastodon::DatabaseSettings& settings,
                                          const std::string& whose,
                                          const restore::SetOptions::Database& restored) {
    // A server on this host can be addressed by several names.
    const auto says = place(settings.name, settings.host, settings.port);
    const auto put = place(restored.name, restored.server.host, restored.server.port);
    if (says == put) return std::nullopt;
    return fmt::format(
        "{} name {}, but what was restored is {}: change them (DB_HOST, DB_PORT, "
        "DB_NAME, DATABASE_URL or PRIMARY_DATABASE_URL) if Mastodon is to use the restored one",
        whose, says, put);
}

}  // namespace mastobak::daemon
