// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "offsite/remote.hpp"

namespace mastobak::offsite {

/// The list of objects of a set in the order in which they have to become visible: packs, then the
/// set's files, the manifest last. Read from staging.
/// Throws Error{corrupt} when the manifest does not say which they are.
std::vector<Object> objects_of_set(const std::filesystem::path& staging, const std::string& set);

}  // namespace mastobak::offsite
