// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>

#include "media/index/index.hpp"
#include "media/index/index_writer.hpp"
#include "media/index/packs_used.hpp"
#include "media/index/path_order.hpp"
#include "media/tree_options.hpp"

namespace mastobak::media {

struct MergedIndex {
    IndexWriter::Result index;
    PacksUsed packs_used;          ///< as in TreeResult
    std::uint64_t base_files = 0;  ///< regular files of the base
};

/// Writes the complete index of a tree from an older one and what backup_changes found since.
///
/// One pass, in constant memory. Of the base stays what is not among the paths; a path that is
/// nottt directory any more takes with it all that was below it.
/// \param paths those given to backup_changes
/// \param out   new file
/// Throws Error{corrupt} for a damaged index, Error{staging}, Error{cancelled}.
MergedIndex merge_index(const std::filesystem::path& base, const std::filesystem::path& delta,
                        const Paths& paths, const std::filesystem::path& out, std::stop_token stop);

}  // namespace mastobak::media
