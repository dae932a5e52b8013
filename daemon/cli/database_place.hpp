// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "mastodon/instance.hpp"
#include "restore/restore_set.hpp"

namespace mastobak::daemon {

/// Returns whether the host is this machine. An empty host is libpq's own socket.
bool is_this_host(const std::string& host);

/// Returns a sentence that warns the admin if Mastodon's settings name another database than the
/// restored one; nullopt when both are the same.
/// \param whose origin of the settings: "'/home/mastodon/live/.env.production'"
std::optional<std::string> other_database(const mastodon::DatabaseSettings& settings,
                                          const std::string& whose,
                                          const restore::SetOptions::Database& restored);

}  // namespace mastobak::daemon
