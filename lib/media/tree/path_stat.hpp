// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/files/unique_fd.hpp"
#include "media/tree/walk.hpp"

namespace mastobak::media {

/// Stats single paths of a tree; fastest in index order. Never follows a symlink. Keeps two
/// directories open.
class PathStat {
 public:
    PathStat(Opener& opener, UniqueFd root);

    /// Returns the file or directory at a path, of any type; nullopt on failure, with errno.
    /// \param path relative to the root
    std::optional<Found> at(const std::string& path);

    int root() const { return root_->fd.get(); }

 private:
    /// Returns the directory that contains a path; null on failure, with errno.
    std::shared_ptr<const Directory> parent_of(std::string_view path);

    Opener& opener_;
    std::shared_ptr<const Directory> root_;
    std::shared_ptr<const Directory> last_parent_;  ///< paths of one directory come in a row
};

}  // namespace mastobak::media
