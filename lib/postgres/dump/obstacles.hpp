// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "postgres/connection.hpp"

/// What ends a pg_dump in the middle, asked before anything is stopped for it. Not for other
/// folders: inspect() asks it.
namespace mastobak::postgres {

/// Asks whether our role can dump all of the database, and the server is one to dump from:
/// - it is the primary: a standby lags behind, silently;
/// - our role may read each table and sequence that is dumped (GRANT), all of their rows (row-level
///   security), and each large object;
/// - as many connections as a run needs are allowed at all.
/// Throws Error{database} for the first one that is not so, with the statement that mends it.
void check_dumpable(Connection& connection);

}  // namespace mastobak::postgres
