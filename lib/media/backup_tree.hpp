// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "media/index/index.hpp"
#include "media/index/packs_used.hpp"
#include "media/tree/followed_links.hpp"
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

}  // namespace mastobak::media
