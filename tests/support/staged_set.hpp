// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "offsite/remote.hpp"

namespace mastobak::test {

/// A file as an object to be uploaded.
offsite::Object object_of(const std::filesystem::path& file, std::string name);

/// Writes a set into a staging directory, as far as lib/offsite looks at one: packs, a database,
/// the lists. Contents are made from the names. \param packs in media/; those that are there
/// already stay
void stage_set(const std::filesystem::path& staging, const std::string& set,
               const std::vector<std::string>& packs);

/// The names of its objects, in the order in which they have to appear.
std::vector<std::string> names_in_order(const std::string& set,
                                        const std::vector<std::string>& packs);

}  // namespace mastobak::test
