// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/connection.hpp"
#include "postgres/dump/dump_toc.hpp"
#include "postgres/tools.hpp"

/// Rows as pg_dump writes them. Not for other folders.
namespace mastobak::postgres {

/// A row, without its line feed.
using OnRow = std::function<void(std::string_view)>;
/// Told of a table ("public.accounts") and its columns, as the dump lists them. \return what takes
/// its rows; nothing: they are passed over
using OnTable = std::function<OnRow(const std::string& table, const std::string& columns)>;

/// Reads the rows of a dump, all of it once.
/// \param dump database.dump.zst
/// Throws Error{corrupt}, Error{cancelled}, and what the callbacks throw.
void read_tables(const std::filesystem::path& dump, const Tools& tools, const OnTable& on_table,
                 std::stop_token stop);

/// Has a session write values as those of pg_dump do. Throws Error{database}.
/// \param encoding of the dump; empty: the database's
void write_as_pg_dump(Connection& connection, const std::string& encoding);

/// The rows of a table, without those of tables that inherit it.
/// \param sql its name, quoted
/// \return how many. Throws Error{database}, Error{cancelled}.
std::int64_t copy_table(Connection& connection, const std::string& sql, const OnRow& on_row);

/// The columns of those rows, in their order.
std::vector<std::string> columns_to_copy(Connection& connection, const std::string& sql);

/// The columns of a table's primary key, as the dump defines it; empty where it has none.
std::vector<std::string> primary_key_of(const std::vector<TocEntry>& entries,
                                        const std::string& table);

}  // namespace mastobak::postgres
