// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "offsite/remote.hpp"

namespace mastobak::offsite {

/// Returns the objects of a set in the order in which they must become visible at a remote: packs
/// and the base, then the files of the set, and the manifest last. Reads them from staging.
/// Throws Error{corrupt} when the manifest does not list them.
std::vector<Object> objects_of_set(const std::filesystem::path& staging, const std::string& set);

/// Returns the sizes of all packs and bases at a remote, by file name.
/// Throws the errors of Remote::list().
std::map<std::string, Bytes> list_shared(Remote& remote, const std::stop_token& stop);

}  // namespace mastobak::offsite
