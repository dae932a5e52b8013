// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "config/config.hpp"
#include "mastodon/instance.hpp"

namespace mastobak::daemon {

/// The role that the daemon uses.
inline constexpr auto database_role = "mastobak";

/// Creates the role 'mastobak', which may only read, in Mastodon's server on this host, and logs in
/// as the daemon will. Prints what it finds.
/// \return the directory of the server's socket; nullopt when the server is on another host, or does
///         not let the role in
/// Throws Error{database} when the server does not answer.
std::optional<std::string> let_role_in(const mastodon::DatabaseSettings& database);

/// Creates the same role where an existing configuration names it and a server on this host, which
/// is new after a disaster. Prints why it cannot be created.
void make_configured_role(const config::Config& config);

}  // namespace mastobak::daemon
