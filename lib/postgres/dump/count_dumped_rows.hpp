// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <stop_token>
#include <string>

#include "core/crypto/row_digest.hpp"
#include "postgres/snapshot.hpp"
#include "postgres/tools.hpp"

namespace mastobak::postgres {

/// What pg_restore reads from a dump.
struct DumpedRows {
    RowCounts counts{};
    std::map<std::string, RowDigest> digests{};  ///< of the same tables, where there is a key
};

/// Reads a dump to its end with pg_restore and counts the rows in it.
/// \param key of digests of these rows; null: none are wanted
/// Throws Error{corrupt} when pg_restore cannot read all of it.
DumpedRows read_all_rows(const std::filesystem::path& file, const Tools& tools, const RowKey* key,
                         std::stop_token stop);

/// The counts alone.
RowCounts count_dumped_rows(const std::filesystem::path& file, const Tools& tools,
                            std::stop_token stop);

}  // namespace mastobak::postgres
