// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "postgres/restore/restore.hpp"

/// What can be known before hours are spent. Not for other folders.
namespace mastobak::postgres {

/// Throws Error{database} when the server is older than the one that was dumped.
void check_server(Connection& connection, const DumpedDatabase& dumped);

/// Throws Error{environment} when the server's host does not have the locale of the database.
void check_locale(Connection& connection, const DumpedDatabase& dumped);

/// Throws Error{environment} when the server has not one of these to install.
void check_extensions(Connection& connection, const std::vector<std::string>& names);

/// Throws Error{database} when there is no such role, or the one that connects may not make a
/// database for it.
void check_roles(Connection& connection, const std::string& owner);

/// Throws Error{database} when there is a database of the target's name that is not empty and is
/// not to be replaced.
void check_is_free(Connection& connection, const Settings& settings, const RestoreOptions& options);

/// The same, also when it is in use.
void check_target(Connection& connection, const Settings& settings, const RestoreOptions& options);

/// Checks a database that is given, and filled where it is. Throws Error{environment} when its
/// encoding is another one; that it sorts by another collation is a warning.
void check_shape(const Settings& settings, const DumpedDatabase& dumped,
                 std::vector<std::string>& warnings);

}  // namespace mastobak::postgres
