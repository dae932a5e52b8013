// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "media/index/paths.hpp"
#include "media/tree/followed_links.hpp"
#include "media/tree/walk.hpp"

namespace mastobak::media {

/// Stats given paths of a tree, in index order: it replaces Walk when the changed paths are known.
///
/// Paths in excluded directories are skipped.
class ChangedPaths {
 public:
    /// \param paths has to outlive this object
    ChangedPaths(Opener& opener, UniqueFd root, const Paths& paths,
                 std::vector<std::string> excluded, Warnings& warnings, std::stop_token stop);

    /// Returns the next path that exists, of any file type; nullopt at the end, or after a gap.
    /// Throws Error{media} when a path may not be read, Error{cancelled}.
    std::optional<Found> next();

    /// Returns why the paths alone are not sufficient, so that the tree has to be walked; empty
    /// when they are sufficient.
    const std::string& gap() const { return gap_; }
    /// Returns the number of paths that are damaged on disk; each of them has a warning.
    std::uint64_t unreadable() const { return unreadable_; }

 private:
    std::optional<Found> look_at(const std::string& path);
    /// Counts a path that is damaged on disk; throws for other errors.
    void failed(const std::string& path, int error);

    PathStat look_;
    std::optional<FollowedLinks> links_;  ///< created for the first symlink
    Paths::const_iterator next_;
    const Paths::const_iterator end_;
    std::vector<std::string> excluded_;
    Warnings& warnings_;
    std::stop_token stop_;
    std::string gap_;
    std::uint64_t unreadable_ = 0;
};

}  // namespace mastobak::media
