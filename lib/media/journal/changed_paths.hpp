// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "media/index/path_order.hpp"
#include "media/tree/followed_links.hpp"
#include "media/tree/path_stat.hpp"
#include "media/tree/walk.hpp"

namespace mastobak::media {

/// Looks at given paths of a tree, in the order of an index: a walk that knows where to look.
///
/// Finds nothing in excluded directories.
class ChangedPaths {
 public:
    /// \param paths outlives it
    ChangedPaths(Opener& opener, UniqueFd root, const Paths& paths,
                 std::vector<std::string> excluded, Warnings& warnings, std::stop_token stop);

    /// The next path that is there, of whatever type; nothing at the end, or once there is a gap.
    /// Throws Error{media} for what may not be read, Error{cancelled}.
    std::optional<Found> next();

    /// Why paths alone do not tell what has changed; empty if they do.
    const std::string& gap() const { return gap_; }
    /// Damaged on disk; each has its warning.
    std::uint64_t unreadable() const { return unreadable_; }

 private:
    std::optional<Found> look_at(const std::string& path);
    bool is_excluded(std::string_view name) const;
    /// Counts what is there and cannot be read, or throws.
    void failed(const std::string& path, int error);

    PathStat look_;
    std::optional<FollowedLinks> links_;  ///< once there is a symlink
    Paths::const_iterator next_;
    const Paths::const_iterator end_;
    std::vector<std::string> excluded_;
    Warnings& warnings_;
    std::stop_token stop_;
    std::string gap_;
    std::uint64_t unreadable_ = 0;
};

}  // namespace mastobak::media
