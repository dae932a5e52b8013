// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "postgres/restore/restore.hpp"

/// Checks that run before a restore begins to load. Internal to postgres/.
namespace mastobak::postgres {

/// Throws Error{database} when the server is older than the dumped one.
void check_server(Connection& connection, const DumpedDatabase& dumped);

/// Throws Error{environment} when the server's host does not have the locale of the database.
void check_locale(Connection& connection, const DumpedDatabase& dumped);

/// Throws Error{environment} when one of these extensions is not installed for the server.
void check_extensions(Connection& connection, const std::vector<std::string>& names);

/// Throws Error{database} when the role `owner` does not exist, or the role of the connection may
/// not create a database for it.
void check_roles(Connection& connection, const std::string& owner);

/// Throws Error{database} when the target exists and is neither empty nor to be replaced.
void check_is_free(Connection& connection, const Settings& settings, const RestoreOptions& options);

/// Does the same as check_is_free(), and also throws when clients are connected to the target.
void check_target(Connection& connection, const Settings& settings, const RestoreOptions& options);

/// Checks a given database, which the restore fills in place. Another collation is a warning.
/// Throws Error{environment} when its encoding differs from that of the dump.
void check_shape(const Settings& settings, const DumpedDatabase& dumped,
                 std::vector<std::string>& warnings);

}  // namespace mastobak::postgres
