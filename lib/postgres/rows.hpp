// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "postgres/connection.hpp"

namespace mastobak::postgres {

/// Reads the rows of a query of any size in constant memory, through a cursor in the open
/// transaction. A connection can have one RowStream at a time. Not thread-safe.
class RowStream {
 public:
    /// Opens the cursor.
    /// \param connection has an open transaction (as a Snapshot's has), and outlives this object
    /// Throws Error{database}. After a failed query, the transaction accepts no further ones.
    RowStream(Connection& connection, const std::string& query);
    ~RowStream();
    RowStream(const RowStream&) = delete;
    RowStream& operator=(const RowStream&) = delete;

    /// Returns the next row, nullopt after the last one.
    /// Throws Error{database}, Error{cancelled} after connection.cancel().
    std::optional<Row> next();

 private:
    Connection& connection_;
    std::vector<Row> block_;
    std::size_t at_ = 0;
    bool more_ = true;
};

/// Returns the quoted name of one of Mastodon's tables, with its schema: "public.accounts", or
/// another schema where "public" has no such table.
/// \param connection has no open transaction: a query that cannot be planned would end it
/// \return empty when there is no such table, when it is a view or another relation that runs code
/// of its owner, and when planning a query of it would do so (DumpedTable::has_code) and either the
/// owner is another role, or the code fails without the search path of the database
std::string table_named(Connection& connection, const std::string& name);

/// Returns the same after it has locked the table, until the end of the open transaction. Without
/// the lock, the table's owner could replace it by a view between this check and a query of it.
/// \param connection has an open transaction
/// \param present    sees the present definition of the table: another connection, or the same one
///                   if its transaction is READ COMMITTED. A REPEATABLE READ one would check the
///                   definition of its instant, but a query uses the present one.
/// \return empty as above, and when the table was replaced meanwhile
std::string locked_table(Connection& connection, const std::string& name, Connection& present);

/// Returns the columns of a table that have the kind of type that Mastodon gives them (number or
/// text), and a built-in type of PostgreSQL.
/// \param table result of table_named() or locked_table(); no columns if it is empty
std::set<std::string> columns_of(Connection& connection, const std::string& table);

/// Returns whether at least one row of one of Mastodon's tables has a value in that column; false
/// if there is no such table or column.
/// \param connection has no open transaction
/// \param name       as for table_named()
/// \param column     a name from our own source code: it is not quoted
bool has_value(Connection& connection, const std::string& name, const std::string& column);

}  // namespace mastobak::postgres
