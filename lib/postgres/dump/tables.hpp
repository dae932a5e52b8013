// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "postgres/snapshot.hpp"

/// The tables whose rows a dump contains. Internal to postgres/.
namespace mastobak::postgres {

struct DumpedTable {
    std::string name;       ///< "public.My table", as in manifests
    std::string sql;        ///< "public.\"My table\"", quoted
    std::string condition;  ///< "WHERE …" of an extension's table, else empty
    /// Indexes or statistics of the table use functions that a role has defined. Planning a query of
    /// the table would run them, or fail because the search path lacks what they call. See
    /// Connection::copy_out.
    bool has_code = false;
};

/// Returns the tables, the largest one first.
std::vector<DumpedTable> dumped_tables(Connection& connection);

/// Locks a table until the end of the open transaction, so that its owner cannot replace it by a
/// view, and returns it with what it has now: its owner may have added code since it was listed.
/// \param present as for locked_table()
/// Throws Error{database} when it is no longer a table.
DumpedTable locked(Connection& connection, DumpedTable table, Connection& present);

/// Returns the exact number of rows that a dump has of a table.
std::int64_t count_rows_of(Connection& connection, const DumpedTable& table);

struct CountOptions {
    unsigned connections = 2;
    std::string role{};   ///< the connections use it with SET ROLE; empty: none
    bool vacuum = false;  ///< runs VACUUM (ANALYZE) on each table before the count
    bool count = true;    ///< if false, each count is 0
    std::function<void(std::size_t done, std::size_t of)> done{};  ///< called after each table
};

/// Counts the rows that a dump has of each table, over several connections. No client may write to
/// the database meanwhile; otherwise use Snapshot::count_rows.
/// Throws Error{database}, Error{cancelled}.
RowCounts count_rows(const Settings& settings, const CountOptions& options, std::stop_token stop);

}  // namespace mastobak::postgres
