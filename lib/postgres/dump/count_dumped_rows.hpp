// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <stop_token>
#include <string>

#include "core/crypto/row_digest.hpp"
#include "dumps/read_dump.hpp"
#include "postgres/snapshot.hpp"
#include "postgres/tools.hpp"

namespace mastobak::postgres {

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

/// Returns the counts alone, without digests. Throws as read_all_rows() does.
RowCounts count_dumped_rows(const dumps::StoredDump& dump, const Tools& tools,
                            std::stop_token stop);

}  // namespace mastobak::postgres
