// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "core/unique_fd.hpp"
#include "media/tree/file_status.hpp"

namespace mastobak::media {

/// A symlink of the tree in whose place the set has the directory that it leads to.
struct FollowedLink {
    std::string path;    ///< relative to the root
    std::string target;  ///< where the directory is, without symlinks
};

/// Follows those symlinks to directories that are Mastodon's, as admins make them when a disk is
/// full. User mastodon can make symlinks too, and the daemon may read everything: a directory of
/// another user is not followed, nor one that is in the tree, above it, or followed already. One
/// thread.
class FollowedLinks {
 public:
    /// \param root of the tree, open as long as this
    explicit FollowedLinks(int root);

    struct Step {
        UniqueFd directory{};   ///< to be walked; nothing: the link stays what it is
        std::string refusal{};  ///< why it leads to a directory that is not followed; empty: it
                                ///< leads to no directory, or into the tree
        std::string target{};   ///< without symlinks; empty: there is no such directory
    };
    /// Looks where a symlink leads; what it leads to is opened for reading only where it is
    /// followed.
    /// \param parent open directory that the link is in
    /// \param path   of the link, relative to the root
    Step follow(int parent, const char* name, const std::string& path, const FileStatus& link);

    const std::vector<FollowedLink>& all() const { return all_; }

 private:
    uid_t find_owner() const;
    std::string why_not(int directory, const std::string& target, const FileStatus& link) const;

    const int root_;
    const std::string root_path_;
    uid_t owner_;  ///< Mastodon's user, as the tree shows it; 0: nothing is followed
    std::vector<FollowedLink> all_;
};

/// Refuses symlinks at the top of a tree that a backup would have to follow and does not: without
/// them, it would fail after Mastodon was stopped, or lack their files.
/// \param root        open
/// \param directories that Mastodon writes to, relative to the root
/// \param excluded    names of directories in the root that do not matter
/// Throws Error{media} that says where the symlink leads and why that is not followed.
void check_links(int root, const std::vector<std::string>& directories,
                 const std::vector<std::string>& excluded);

}  // namespace mastobak::media
