// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/dump/copy_rows.hpp"
#include "postgres/dump/dump_toc.hpp"
#include "postgres/tools.hpp"

/// Rows as pg_dump writes them. Not for other folders.
namespace mastobak::postgres {

/// Told of a table ("public.accounts") and its columns, as the dump lists them. \return what takes
/// its rows; nothing: they are passed over
using OnTable = std::function<OnRow(const std::string& table, const std::string& columns)>;

/// Reads the rows of a dump, all of it once.
/// \param dump database.dump.zst
/// Throws Error{corrupt}, Error{cancelled}, and what the callbacks throw.
void read_tables(const std::filesystem::path& dump, const Tools& tools, const OnTable& on_table,
                 std::stop_token stop);

/// The columns of a table's primary key, as the dump defines it; empty where it has none.
std::vector<std::string> primary_key_of(const std::vector<TocEntry>& entries,
                                        const std::string& table);

}  // namespace mastobak::postgres
