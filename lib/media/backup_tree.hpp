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

/// Walks a tree once, packs what the previous index does not have, writes the complete index.
///
/// Follows symlinks to directories of Mastodon's alone (see FollowedLinks); other mounts below root
/// are entered. Files whose size, mtime, ctime and inode are those of the previous index are not
/// read. One whose mode or owner alone changed (which changes its ctime) is packed again, so that
/// the header in its pack is never out of date.
///
/// A file that the disk cannot give (EIO) is left out with a warning: a host whose disk begins to
/// fail needs its backup most. One that we may not read (EACCES) is an error: that is a mistake of
/// the set-up, and concerns all of them.
/// Throws Error{media} for a tree that is absent, empty, or not to be read; Error{staging} when a
/// pack or the index cannot be written, and leaves what was written; Error{corrupt} for a damaged
/// previous index; Error{cancelled}.
TreeResult backup_tree(const TreeOptions& options,
                       const std::function<void(const TreeProgress&)>& progress,
                       std::stop_token stop);

}  // namespace mastobak::media
