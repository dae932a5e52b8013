// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "store/pack_record.hpp"

namespace mastobak::store {

/// Returns the path of a pack's record, "PACK.json", in a directory.
std::filesystem::path record_file(const std::filesystem::path& directory, const std::string& pack);

/// Writes a record durably. Throws Error{staging}.
void write_record(const std::filesystem::path& directory, const PackRecord& record);

/// Returns the records in a directory, sorted by name, with places in unfinished/; none if the directory does not exist.
/// Ignores damaged records: a power failure cannot produce them, and losing a record costs only
/// time.
/// Throws Error{staging}.
std::vector<PackRecord> read_records(const std::filesystem::path& directory);

}  // namespace mastobak::store
