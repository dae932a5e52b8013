// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "offsite/remote.hpp"

namespace mastobak::test {

/// Returns a file as an object to upload.
offsite::Object object_of(const std::filesystem::path& file, std::string name);

/// Writes a set into a staging directory, with the files that lib/offsite uses: packs, a database,
/// the lists. Contents are derived from the names.
/// \param packs in media/; existing ones are kept
void stage_set(const std::filesystem::path& staging, const std::string& set,
               const std::vector<std::string>& packs);

/// Returns the names of the set's objects in the order in which they must appear at a remote.
std::vector<std::string> names_in_order(const std::string& set,
                                        const std::vector<std::string>& packs);

}  // namespace mastobak::test
