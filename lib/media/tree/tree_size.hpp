// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "core/bytes.hpp"

namespace mastobak::media {

/// Estimates the total size of the packs of a whole tree, by a walk that stats all files and reads
/// none. This takes minutes for ten million files.
///
/// The estimate counts a file with several names (hard links) once for each name, and holes as
/// data. Directories that may not be listed are detected before Mastodon is stopped; files that may
/// not be opened are not.
/// \param root     the media directory, of any owner
/// \param excluded names of directories in the root that are not counted
/// Throws Error{media} when the root cannot be opened or a directory may not be listed,
/// Error{cancelled} after `stop`.
Bytes tree_size(const std::filesystem::path& root, const std::vector<std::string>& excluded,
                const std::stop_token& stop);

}  // namespace mastobak::media
