// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "store/pack_record.hpp"

namespace mastobak::store {

/// "PACK.json" in a directory.
std::filesystem::path record_file(const std::filesystem::path& directory, const std::string& pack);

/// Durable when it returns. Throws Error{staging}.
void write_record(const std::filesystem::path& directory, const PackRecord& record);

/// The records in a directory, by name; none if there is no such directory. Damaged ones are left
/// out: a power cut cannot have made them, and what they are for costs time alone.
/// Throws Error{staging}.
std::vector<PackRecord> read_records(const std::filesystem::path& directory);

}  // namespace mastobak::store
