// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <set>
#include <stop_token>
#include <string>

#include "media/backup_tree.hpp"
#include "media/index/paths.hpp"
#include "media/tree_options.hpp"

namespace mastobak::media {

/// The result of a repack.
struct Repacked {
    TreeResult result;  ///< its index has only the entries of the repacked files
    Paths paths;        ///< paths of the repacked files, for merge_index
};

/// Writes the files that an index has in the given packs into new packs, so that a set with the new
/// entries does not need the old packs. Reads the files from the media tree.
///
/// Only files whose status and contents equal the index are repacked. These stay in their old pack:
/// changed and removed files, which the pass that looks for changes handles; files with several
/// names; and, each with a warning, files that cannot be read or whose contents differ from the
/// index, because the old pack has the better copy.
/// \param options previous_index is the index; rate_limit and the limits of packs apply
/// \param packs    names of the packs that should no longer be needed
/// \param progress called in the caller's thread, at most every 100 ms; may be empty
/// Throws Error{media} when the tree is absent; Error{staging}, Error{corrupt}; Error{cancelled}
/// after `stop`.
Repacked repack(const TreeOptions& options, const std::set<std::string>& packs,
                const std::function<void(const TreeProgress&)>& progress, std::stop_token stop);

}  // namespace mastobak::media
