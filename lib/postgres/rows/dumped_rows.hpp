// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/row_digest.hpp"
#include "dumps/read_dump.hpp"
#include "postgres/dump/dump_feeder.hpp"
#include "postgres/snapshot.hpp"
#include "postgres/tools.hpp"

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

/// Runs `pg_restore --data-only`, which writes the rows of a dump as COPY statements.
/// \param table   "accounts", in any schema; empty: all tables
/// \param on_rows called with each block of its output
/// \param hint    hint of the error of a dump that cannot be read
/// Throws Error{corrupt} when the dump cannot be read; Error{cancelled}; the exceptions of
/// `on_rows`.
void restore_rows(DumpFeeder& feeder, const dumps::StoredDump& dump, const Tools& tools,
                  const std::string& table,
                  const std::function<void(std::span<const std::byte>)>& on_rows,
                  std::stop_token stop, const std::string& hint = {});

/// The row counts and digests of the tables in a dump.
struct DumpedRows {
    RowCounts counts{};
    std::map<std::string, RowDigest> digests{};  ///< digests of these tables, if there is a key
};

/// Reads a dump to its end with pg_restore and counts the rows in it. When the tools have no
/// pg_restore, because this host has none that is as new as the dump, it parses the dump itself.
/// \param key key of the digests of the rows; null: no digests
/// Throws Error{corrupt} when all of it cannot be read; Error{cancelled}.
DumpedRows read_all_rows(const dumps::StoredDump& dump, const Tools& tools, const RowKey* key,
                         std::stop_token stop);

/// Decodes a field of COPY's text format: removes the backslash escapes; returns nullopt for \N.
/// Source: PostgreSQL's documentation of COPY, "Text Format"
std::optional<std::string> copied_field(std::string_view text);

}  // namespace mastobak::postgres
