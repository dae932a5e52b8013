// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/database_place.hpp"

#include <fmt/format.h>

#include "core/readable.hpp"

namespace mastobak::daemon {
namespace {

std::string place(const std::string& database, const std::string& host, int port) {
    return fmt::format("database '{}' at {}:{}", readable(database),
                       is_this_host(host) ? "this host" : "'" + readable(host) + "'", port);
}

}  // namespace

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
