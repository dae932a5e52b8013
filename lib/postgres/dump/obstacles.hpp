// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "postgres/connection.hpp"

/// Checks for conditions that would make pg_dump fail after Mastodon was stopped. Internal to
/// postgres/; inspect() calls it.
namespace mastobak::postgres {

/// Checks that the connection's server and role can dump the whole database:
/// - the server is the primary, as a standby may lack the newest rows;
/// - the role may read each dumped table and sequence (GRANT), all of their rows (row-level
///   security), and each large object;
/// - the connection limits of the role and the database allow the connections of a run.
/// Throws Error{database} for the first unmet condition, with the statement that repairs it.
void check_dumpable(Connection& connection);

}  // namespace mastobak::postgres
