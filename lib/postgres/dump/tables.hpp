// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "postgres/snapshot.hpp"

/// The tables that a dump has the rows of. Not for other folders.
namespace mastobak::postgres {

struct DumpedTable {
    std::string name;       ///< "public.My table": in manifests
    std::string sql;        ///< "public.\"My table\""
    std::string condition;  ///< "WHERE …" of an extension's table, else empty
    /// To plan a query of it runs functions that its owner has made: who connects is not the owner,
    /// and an index or statistics of it have some. See Connection::copy_out.
    bool has_code = false;
};

/// The largest first.
std::vector<DumpedTable> dumped_tables(Connection& connection);

std::int64_t count_rows_of(Connection& connection, const DumpedTable& table);

struct CountOptions {
    unsigned connections = 2;
    std::string role{};   ///< that the connections take on; empty: none
    bool vacuum = false;  ///< and analyze each table, which is new
    bool count = true;    ///< else 0 for each
    std::function<void(std::size_t done, std::size_t of)> done{};  ///< tables
};

/// Exact counts of what a dump has, read with several connections at once: for a database that
/// that is not written to. Snapshot::count_rows is for others.
/// Throws Error{database}, Error{cancelled}.
RowCounts count_rows(const Settings& settings, const CountOptions& options, std::stop_token stop);

}  // namespace mastobak::postgres
