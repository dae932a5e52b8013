// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"

namespace mastobak::media {

/// The size of a tree.
struct TreeSize {
    Bytes packs{};            ///< an estimate of what the packs of all files take
    std::uint64_t files = 0;  ///< number of regular files
    Bytes recent{};           ///< the part of `packs` that is of files modified since an instant

    bool operator==(const TreeSize&) const = default;
};

/// Estimates the total size of the packs of a whole tree, by a walk that stats all files and reads
/// none. This takes minutes for ten million files.
///
/// The estimate counts a file with several names (hard links) once for each name, and holes as
/// data. Directories that may not be listed are detected before Mastodon is stopped; files that may
/// not be opened are not.
/// \param root     the media directory, of any owner
/// \param excluded names of directories in the root that are not counted
/// \param since    instant after which a file counts as recent
/// Throws Error{media} when the root cannot be opened or a directory may not be listed,
/// Error{cancelled} after `stop`.
TreeSize tree_size(const std::filesystem::path& root, const std::vector<std::string>& excluded,
                   Timestamp since, const std::stop_token& stop);

}  // namespace mastobak::media
