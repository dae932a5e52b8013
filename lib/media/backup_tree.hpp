// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "media/changes.hpp"
#include "media/index/paths.hpp"
#include "media/index/previous_index.hpp"
#include "media/tree_options.hpp"

namespace mastobak::media {

/// Walks the tree once, packs the files that the previous index does not have, and writes the
/// complete index.
///
/// The walk follows only symlinks to directories of Mastodon's own user (see FollowedLinks), and
/// enters file systems that are mounted below the root. A file is not read when its size, mtime,
/// ctime and inode equal those in the previous index. A file whose mode or owner alone changed
/// (which changes its ctime) is packed again, so that the header in its pack is always up to date.
///
/// A file that the disk cannot read (EIO) is left out with a warning, because a host whose disk
/// begins to fail needs its backup most. A file that the daemon may not read (EACCES) is an error,
/// because the cause is a mistake in the set-up, which usually concerns all files.
/// \param progress called in the caller's thread, at most every 100 ms, and at the end; may be
///                 empty
/// Throws Error{media} when the tree is absent, empty or unreadable, or contains the packs;
/// Error{staging} when a pack or the index cannot be written (the files written so far remain);
/// Error{corrupt} when the previous index is damaged; Error{cancelled} after `stop`.
TreeResult backup_tree(const TreeOptions& options,
                       const std::function<void(const TreeProgress&)>& progress,
                       std::stop_token stop);

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

/// Packs what `look` finds, and writes its entries to the index. Internal to media/.
/// \param look     see Changes
/// \param previous the index that `look` is compared with
/// Throws as backup_tree() does.
TreeResult pack_found(const TreeOptions& options, Opener& opener, Changes::Look look,
                      PreviousIndex& previous, Warnings& warnings,
                      const std::function<void(const TreeProgress&)>& progress,
                      std::stop_token stop);

}  // namespace mastobak::media
