// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "media/path_order.hpp"
#include "media/walk.hpp"

namespace mastobak::media {

/// Looks at given paths of a tree, in the order of an index: a walk that knows where to look.
///
/// As the walk, never follows a symlink, and finds nothing in excluded directories. Two directories
/// are open at a time.
class ChangedPaths {
 public:
    /// \param paths outlives it
    ChangedPaths(Opener& opener, UniqueFd root, const Paths& paths,
                 std::vector<std::string> excluded, Warnings& warnings, std::stop_token stop);

    /// The next path that is there, of whatever type; nothing at the end, or once there is doubt.
    /// Throws Error{media} for what may not be read, Error{cancelled}.
    std::optional<Found> next();

    /// Why paths alone do not tell what has changed; empty if they do.
    const std::string& doubt() const { return doubt_; }
    /// Damaged on disk; each has its warning.
    std::uint64_t unreadable() const { return unreadable_; }

 private:
    /// The directory that a path is in; null when it is gone.
    std::shared_ptr<const Directory> parent_of(std::string_view path);
    std::optional<Found> look_at(const std::string& path);
    bool is_excluded(std::string_view name) const;
    /// Of what is there and cannot be looked at: counts it, or throws.
    void failed(const std::string& path, int error);

    Opener& opener_;
    std::shared_ptr<const Directory> root_;
    std::shared_ptr<const Directory> last_parent_;  ///< paths of one directory come in a row
    Paths::const_iterator next_;
    const Paths::const_iterator end_;
    std::vector<std::string> excluded_;
    Warnings& warnings_;
    std::stop_token stop_;
    std::string doubt_;
    std::uint64_t unreadable_ = 0;
};

}  // namespace mastobak::media
