// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "offsite/remote.hpp"

namespace mastobak::offsite {

/// Returns the objects of a set in the order in which they must become visible at a remote: packs,
/// then the files of the set, and the manifest last. Reads them from staging.
/// Throws Error{corrupt} when the manifest does not list them.
std::vector<Object> objects_of_set(const std::filesystem::path& staging, const std::string& set);

}  // namespace mastobak::offsite
