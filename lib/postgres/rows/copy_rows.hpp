// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/connection.hpp"

/// Reads rows of a database in the same text form as pg_dump. Internal to postgres/.
namespace mastobak::postgres {

/// Called with a row, without its line feed.
using OnRow = std::function<void(std::string_view)>;

/// Configures a session so that equal rows have the same text as in a dump. pg_dump makes some of
/// these settings for its own session, and dump() passes it the others.
/// Throws Error{database}.
/// \param encoding encoding of the dump; empty: that of the database
/// Source: pg_dump.c (setup_connection).
void write_as_pg_dump(Connection& connection, const std::string& encoding);

/// Reads the rows of a table, without those of tables that inherit from it.
/// \param what "public."My table"", with or without a list of columns; or a query in parentheses
/// \return the number of rows
/// Throws Error{database}, Error{cancelled}.
std::int64_t copy_table(Connection& connection, const std::string& what, const OnRow& on_row);

/// Returns the columns that COPY writes, in their order: all but generated ones.
/// \param table the quoted name
std::vector<std::string> columns_to_copy(Connection& connection, const std::string& table);

}  // namespace mastobak::postgres
