// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "postgres/connection.hpp"

namespace mastobak::postgres {

/// The rows of a query, however many, in constant memory: a cursor of the transaction that is open.
/// One at a time on a connection. Not for two threads at once.
class RowStream {
 public:
    /// Throws Error{database}; that of a failed query makes the transaction useless.
    /// \param connection in a transaction (Snapshot's), outlives this
    RowStream(Connection& connection, const std::string& query);
    ~RowStream();
    RowStream(const RowStream&) = delete;
    RowStream& operator=(const RowStream&) = delete;

    /// Nothing at the end. Throws Error{database}, Error{cancelled} after connection.cancel().
    std::optional<Row> next();

 private:
    Connection& connection_;
    std::vector<Row> block_;
    std::size_t at_ = 0;
    bool more_ = true;
};

/// A table of Mastodon's, as SQL takes it: "public.accounts", or in another schema if it is in none
/// of that name. Empty where there is none, where it is a view or another thing that runs what
/// others made, and where to plan a query of it does (DumpedTable::has_code).
std::string table_named(Connection& connection, const std::string& name);

/// The columns of such a table, with numbers or text as Mastodon has them there, in types that
/// PostgreSQL brings; empty if there is none.
std::set<std::string> columns_of(Connection& connection, const std::string& name);

/// Whether such a table has a row with a value in that column; false where there is no such column.
/// \param column of ours: it is not quoted
bool has_value(Connection& connection, const std::string& name, const std::string& column);

}  // namespace mastobak::postgres
