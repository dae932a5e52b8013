// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/connection.hpp"

/// Rows of a database, as pg_dump would write them. Not for other folders.
namespace mastobak::postgres {

/// A row, without its line feed.
using OnRow = std::function<void(std::string_view)>;

/// Has a session write values as those of pg_dump do, which sets some of this for itself, and we the
/// rest for it (pg_dump_command): the same rows are the same text. Throws Error{database}.
/// \param encoding of the dump; empty: the database's
/// Source: pg_dump.c (setup_connection).
void write_as_pg_dump(Connection& connection, const std::string& encoding);

/// The rows of a table, without those of tables that inherit it.
/// \param what "public."My table"", with a list of columns or without; or a query in parentheses
/// \return how many. Throws Error{database}, Error{cancelled}.
std::int64_t copy_table(Connection& connection, const std::string& what, const OnRow& on_row);

/// The columns of those rows, in their order.
/// \param table its name, quoted
std::vector<std::string> columns_to_copy(Connection& connection, const std::string& table);

}  // namespace mastobak::postgres
