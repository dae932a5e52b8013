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

/// What became of the changed paths.
struct Delta {
    std::string gap;    ///< why the tree has to be walked instead; empty: the paths tell it all
    TreeResult result;  ///< its index has the changed paths alone; new_packs also after a gap
};

/// Packs what is at these paths now, and writes their entries as an index of their own (the delta).
///
/// The cost is that of the paths: neither the tree nor an index is read, so a freeze takes no
/// longer for a larger instance. All the files are packed, changed or not: previous_index is not
/// looked at. A directory's entry is renewed; what is in it has to be among the paths itself. A
/// path that is not in the delta afterwards is gone (or not to be read, with a warning).
/// \param paths relative to the root: whatever was made, written, renamed, removed or had its
///              attributes changed, and the directories these are in
/// Throws as backup_tree does, but for an empty tree: merge_index tells that.
Delta backup_changes(const TreeOptions& options, const Paths& paths,
                     const std::function<void(const TreeProgress&)>& progress,
                     std::stop_token stop);

}  // namespace mastobak::media
