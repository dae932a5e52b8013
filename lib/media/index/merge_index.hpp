// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>

#include "media/index/index.hpp"
#include "media/index/index_writer.hpp"
#include "media/index/paths.hpp"

namespace mastobak::media {

/// The result of merge_index.
struct MergedIndex {
    IndexWriter::Result index;
    PacksUsed packs_used;          ///< as in TreeResult
    std::uint64_t base_files = 0;  ///< number of regular files in the base
};

/// Writes the complete index of a tree by merging an older index with the delta of backup_changes.
///
/// Works in one pass and in constant memory. An entry of the base is kept when its path is not
/// among `paths`. When one of `paths` is no longer a directory, all entries below it are dropped.
/// \param base  the older, complete index
/// \param delta the index that backup_changes wrote
/// \param paths the paths that were given to backup_changes
/// \param out   the new index; must not exist yet
/// Throws Error{corrupt} for a damaged index, Error{staging}, Error{cancelled}.
MergedIndex merge_index(const IndexFiles& base, const std::filesystem::path& delta,
                        const Paths& paths, const std::filesystem::path& out, std::stop_token stop);

}  // namespace mastobak::media
