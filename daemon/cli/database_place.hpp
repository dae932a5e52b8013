// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "mastodon/instance.hpp"
#include "restore/restore_set.hpp"

namespace mastobak::daemon {

/// Whether that is a server on this machine: an empty host is libpq's own socket.
bool is_this_host(const std::string& host);

/// A sentence for an admin whose Mastodon would look for its database elsewhere than where it was
/// restored to; nothing where both are the same.
/// \param whose settings these are: "'/home/mastodon/live/.env.production'"
std::optional<std::string> other_database(const mastodon::DatabaseSettings& settings,
                                          const std::string& whose,
                                          const restore::SetOptions::Database& restored);

}  // namespace mastobak::daemon
