// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "config/config.hpp"
#include "mastodon/database_settings.hpp"
#include "mastodon/instance.hpp"
#include "postgres/settings.hpp"

namespace mastobak::daemon {

/// The role that the daemon uses.
inline constexpr auto database_role = "mastobak";

/// Creates the role 'mastobak', which may only read, in Mastodon's server on this host, and logs in
/// as the daemon will. Prints what it finds.
/// \return the directory of the server's socket; nullopt when the server is on another host, or does
///         not let the role in
/// Throws Error{database} when the server does not answer.
std::optional<std::string> let_role_in(const mastodon::DatabaseSettings& database);

/// Creates the same role in a server in a container, where that needs no password: the server trusts
/// its clients, as that of Mastodon's docker-compose.yml does. Prints what it finds.
/// \param mastodons Mastodon's own settings
/// \param place     the database, for messages
/// \param superuser the role of the database's administrator; empty: the role is not created
/// \return whether the daemon can log in as the role
/// Throws Error{database} when Mastodon's own role cannot log in either.
bool let_role_into_container(const postgres::Settings& mastodons, const std::string& place,
                             const std::string& superuser);

/// Creates the same role where an existing configuration names it and a server on this host or
/// in a container, which is new after a disaster. Prints why it cannot be created.
void make_configured_role(const config::Config& config);

}  // namespace mastobak::daemon
