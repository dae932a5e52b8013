// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "media/backup_tree.hpp"
#include "media/index/path_order.hpp"
#include "media/tree_options.hpp"

namespace mastobak::media {

/// The result of backup_changes.
struct Delta {
    std::string gap;  ///< why the tree has to be walked; empty when the delta is complete
    TreeResult
        result;  ///< its index has only the changed paths; new_packs is valid after a gap too
};

/// Packs the files that are at the given paths now, and writes their entries to an index of their
/// own (the delta).
///
/// The cost depends only on the number and size of the files at these paths: neither the tree nor
/// an index is read, so the freeze takes no longer on a larger instance. previous_index is ignored:
/// every file is packed, even an unchanged one. For a directory, only its own entry is written; the
/// paths of the files in it have to be in the list too. A path that is not in the delta was removed
/// (or cannot be read: then there is a warning).
/// \param paths relative to the root: each path that was created, written, renamed, removed or had
///              its attributes changed, and the directories that contain these paths
/// \param progress called in the caller's thread, at most every 100 ms; may be empty
/// Throws the same errors as backup_tree, except for an empty tree: merge_index checks that.
Delta backup_changes(const TreeOptions& options, const Paths& paths,
                     const std::function<void(const TreeProgress&)>& progress,
                     std::stop_token stop);

}  // namespace mastobak::media
