// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "dumps/read_dump.hpp"
#include "postgres/dump/dump_toc.hpp"
#include "postgres/rows/copy_rows.hpp"
#include "postgres/tools.hpp"

/// Reads the rows and the primary keys of a dump. Internal to postgres/.
namespace mastobak::postgres {

/// Called with each table ("public.accounts") and its columns, as the dump lists them.
/// \return the function that is called with its rows; empty: the rows are skipped
using OnTable = std::function<OnRow(const std::string& table, const std::string& columns)>;

/// Reads the rows of all tables in a dump.
/// \param dump dump of a set
/// Throws Error{corrupt}, Error{cancelled}, and the exceptions of the callbacks.
void read_tables(const dumps::StoredDump& dump, const Tools& tools, const OnTable& on_table,
                 std::stop_token stop);

/// Returns the columns of a table's primary key, as the dump defines it; empty if it has none.
std::vector<std::string> primary_key_of(const std::vector<TocEntry>& entries,
                                        const std::string& table);

}  // namespace mastobak::postgres
