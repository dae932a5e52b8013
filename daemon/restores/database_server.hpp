// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "daemon/restores/restore_plan.hpp"
#include "mastodon/database_settings.hpp"
#include "mastodon/instance.hpp"
#include "postgres/settings.hpp"
#include "restore/restore_set.hpp"

namespace mastobak::daemon {

/// Returns the settings of the server that --database-url names, with a password and a database to
/// connect to first. The role must be able to create databases; it need not be a superuser.
///
/// The password comes from the first of these: the file of --passfile; the file of PGPASSFILE;
/// PGPASSWORD; Mastodon's own settings if they name the same role of the same server; the user at
/// the terminal if the server asks for a password. The files that libpq finds itself (~/.pgpass)
/// are not used.
/// \param url result of backup::settings_of_url
/// \param own Mastodon's settings; empty when they are not known
/// \param name name of the restored database
/// Throws Error{database} when the server cannot be reached, Error{usage} for a passfile that libpq
/// would ignore, Error{cancelled}.
postgres::Settings server_to_restore_into(postgres::Settings url, const RestoreRequest& request,
                                          const postgres::Settings& own, const std::string& name,
                                          const std::stop_token& stop);

/// Returns whether the host is this machine. An empty host is libpq's own socket.
bool is_this_host(const std::string& host);

/// Returns a sentence that warns the admin if Mastodon's settings name another database than the
/// restored one; nullopt when both are the same.
/// \param whose origin of the settings: "'/home/mastodon/live/.env.production'"
std::optional<std::string> other_database(const mastodon::DatabaseSettings& settings,
                                          const std::string& whose,
                                          const restore::SetOptions::Database& restored);

}  // namespace mastobak::daemon
