// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "core/unique_fd.hpp"
#include "media/tree/file_status.hpp"

namespace mastobak::media {

/// A symlink in the tree that a set replaces by its target directory.
struct FollowedLink {
    std::string path;    ///< relative to the root
    std::string target;  ///< real path of the directory
};

/// Follows symlinks to directories of Mastodon's user, which administrators create when a disk is
/// full. User mastodon can create symlinks too, and the daemon may read all files, so a symlink to
/// a directory of another user is not followed. Neither is one to a directory that is in the tree,
/// above it, or already followed. For one thread.
class FollowedLinks {
 public:
    /// \param root descriptor of the tree's root; has to stay open during the lifetime of this
    ///             object
    explicit FollowedLinks(int root);

    struct Step {
        UniqueFd directory{};   ///< to be walked; empty when the link is not followed
        std::string refusal{};  ///< why the target directory is not followed; empty when the target
                                ///< is not a directory, or is in the tree
        std::string target{};   ///< real path of the target directory; empty when there is none
    };
    /// Decides whether to follow a symlink. Opens its target for reading only when it is followed.
    /// \param parent descriptor of the directory that contains the link
    /// \param path   path of the link, relative to the root
    Step follow(int parent, const char* name, const std::string& path, const FileStatus& link);

    const std::vector<FollowedLink>& all() const { return all_; }

 private:
    uid_t find_owner() const;
    std::string why_not(int directory, const std::string& target, const FileStatus& link) const;

    const int root_;
    const std::string root_path_;
    uid_t owner_;  ///< Mastodon's user, found from the tree; 0: no link is followed
    std::vector<FollowedLink> all_;
};

/// Checks that no symlink at the top of the tree leads to a directory that is not followed. A
/// backup would otherwise fail after Mastodon was stopped, or lack the files of that directory.
/// \param root        descriptor of the root
/// \param directories directories that Mastodon writes to, relative to the root
/// \param excluded    names of directories in the root that are not checked
/// Throws Error{media} that says where the symlink leads and why it is not followed.
void check_links(int root, const std::vector<std::string>& directories,
                 const std::vector<std::string>& excluded);

}  // namespace mastobak::media
