// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/files/unique_fd.hpp"
#include "media/tree/file_status.hpp"
#include "media/tree/mounts.hpp"

namespace mastobak::media {

/// A symlink in the tree that a set replaces by its target directory.
struct FollowedLink {
    std::string path;    ///< relative to the root
    std::string target;  ///< real path of the directory

    bool operator==(const FollowedLink&) const = default;
};

/// Follows symlinks to directories of Mastodon's user, which administrators create when a disk is
/// full. User mastodon can create symlinks too, and the daemon may read all files, so a symlink to
/// a directory of another user is not followed. Neither is one to a directory whose path is above
/// the symlink, or in the tree and not excluded. For one thread.
///
/// The target may be in the tree at another place, too: by a mount, or by another symlink. Its
/// files are packed once if this is known before the first of these places is walked. Such a
/// symlink is therefore followed if an earlier walk has found it. Otherwise repeated() returns it.
class FollowedLinks {
 public:
    /// The maximum number of followed symlinks whose target is in the tree already. Each of them
    /// may add a whole disk to the walk, and user mastodon can create them.
    static constexpr std::size_t most_repeated = 16;
    static constexpr std::size_t most_followed = 10'000;

    /// \param root  descriptor of the tree's root; has to stay open during the lifetime of this
    ///              object
    /// \param excluded names of directories in the root whose files are not in the set
    /// \param known followed and repeated symlinks that an earlier walk of the tree has found
    FollowedLinks(int root, std::vector<std::string> excluded,
                  std::vector<FollowedLink> known = {});

    struct Step {
        UniqueFd directory{};   ///< to be walked; empty when the link is not followed
        std::string refusal{};  ///< why the target directory is not followed; empty when the target
                                ///< is not a directory, is in the tree, or is repeated
        std::string target{};   ///< real path of the target directory; empty when there is none
        bool repeated = false;  ///< only the next walk may follow it
    };
    /// Decides whether to follow a symlink. Opens its target for reading only when it is followed.
    /// \param parent descriptor of the directory that contains the link
    /// \param name   name of the link in that directory
    /// \param path   path of the link, relative to the root
    /// \param link   status of the link itself
    Step follow(int parent, const char* name, const std::string& path, const FileStatus& link);

    /// Returns the number of places of the tree at which a file, or the files of a directory, are.
    /// \param path relative to the root, empty for the root itself
    std::uint32_t places_of(std::string_view path) const { return directories_.places_of(path); }

    /// Returns the symlinks that were followed.
    const std::vector<FollowedLink>& all() const { return all_; }
    /// Returns the repeated symlinks. The next walk follows them if its `known` has them and all().
    const std::vector<FollowedLink>& repeated() const { return repeated_; }

 private:
    uid_t find_owner() const;
    std::string why_not(int directory, const std::string& target, const FileStatus& link) const;
    bool is_known(const FollowedLink& link) const;
    /// Returns whether the set has the files of a directory at their own path.
    bool is_in_set(std::string_view real_path) const;

    const int root_;
    const std::string root_path_;
    const std::vector<std::string> excluded_;
    uid_t owner_;  ///< Mastodon's user, found from the tree; 0: no link is followed
    const std::vector<FollowedLink> known_;
    RepeatedDirectories directories_;  ///< regions of the root and of followed links
    std::size_t known_repeated_ = 0;
    std::vector<FollowedLink> all_;
    std::vector<FollowedLink> repeated_;
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
