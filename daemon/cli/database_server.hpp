// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>

#include "daemon/cli/restore_plan.hpp"
#include "mastodon/instance.hpp"
#include "postgres/settings.hpp"

namespace mastobak::daemon {

/// The server that --database-url names, with a password and a database to work from: as a role
/// that may make databases there, be it a superuser or not.
///
/// The password comes from the file of --passfile, else from the one of PGPASSFILE, else from
/// PGPASSWORD, else from Mastodon's own settings where these name the same role of the same server,
/// else, where the server asks for one, from the person at the terminal. The files that libpq
/// finds by itself (~/.pgpass) are not used.
/// \param url  as backup::settings_of_url has it
/// \param own  Mastodon's settings; empty where they are not known
/// \param name of the database that is restored
/// Throws Error{database} when it cannot be reached, Error{usage} for a passfile that libpq would
/// ignore, Error{cancelled}.
postgres::Settings server_to_restore_into(postgres::Settings url, const RestoreRequest& request,
                                          const postgres::Settings& own, const std::string& name,
                                          const std::stop_token& stop);

}  // namespace mastobak::daemon
