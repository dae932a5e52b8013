// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "dumps/read_dump.hpp"
#include "postgres/dump/dump.hpp"

namespace mastobak::postgres {

/// The requested columns of a row, in the requested order. A NULL value is nullopt.
using DumpedRow = std::vector<std::optional<std::string>>;

/// Reads some columns of a table from a dump, without a server.
/// \param file    dump of a set
/// \param table   "accounts", in any schema
/// \param columns names of the columns
/// Throws Error{corrupt} when the dump cannot be read, or has no such table or column;
/// Error{cancelled}; the exceptions of `on_row`.
void read_dumped_rows(const dumps::StoredDump& dump, const Tools& tools, const std::string& table,
                      const std::vector<std::string>& columns,
                      const std::function<void(const DumpedRow&)>& on_row, std::stop_token stop);

/// Decodes a field of COPY's text format: removes the backslash escapes; returns nullopt for \N.
/// Source: PostgreSQL's documentation of COPY, "Text Format"
std::optional<std::string> copied_field(std::string_view text);

}  // namespace mastobak::postgres
