// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/unique_fd.hpp"
#include "media/tree/file_status.hpp"
#include "media/tree/mounts.hpp"

namespace mastobak::media {

/// A symlink of the tree in whose place the set has the directory that it leads to.
struct FollowedLink {
    std::string path;    ///< relative to the root
    std::string target;  ///< where the directory is, without symlinks

    bool operator==(const FollowedLink&) const = default;
};

/// Follows those symlinks to directories that are Mastodon's, as admins make them when a disk is
/// full. User mastodon can make symlinks too, and the daemon may read everything: a directory of
/// another user is not followed, nor one whose path is in the tree, nor one that contains the
/// symlink. One thread.
///
/// What a symlink leads to may be in the tree at another place: mounted there, or by another
/// symlink. Its files are packed once if that is known before the first of the places is walked.
/// Such a symlink is therefore followed where an earlier walk has found it, and named by repeated()
/// where none has.
class FollowedLinks {
 public:
    /// How many are followed that lead to what is in the tree already: each may show a whole disk
    /// once more, and user mastodon can make them.
    static constexpr std::size_t most_repeated = 16;
    static constexpr std::size_t most_followed = 10'000;

    /// \param root  of the tree, open as long as this
    /// \param known what an earlier walk of the tree has found: followed ones and repeated ones
    explicit FollowedLinks(int root, std::vector<FollowedLink> known = {});

    struct Step {
        UniqueFd directory{};   ///< to be walked; nothing: the link stays what it is
        std::string refusal{};  ///< why it leads to a directory that is not followed; empty: it
                                ///< leads to no directory, or into the tree, or is repeated
        std::string target{};   ///< without symlinks; empty: there is no such directory
        bool repeated = false;  ///< not followed before a next walk
    };
    /// Looks where a symlink leads; what it leads to is opened for reading only where it is
    /// followed.
    /// \param parent open directory that the link is in
    /// \param path   of the link, relative to the root
    Step follow(int parent, const char* name, const std::string& path, const FileStatus& link);

    /// At how many places of the tree the files of a directory are.
    /// \param path relative to the root, empty for the root itself
    std::uint32_t places_of(std::string_view path) const { return directories_.places_of(path); }

    const std::vector<FollowedLink>& all() const { return all_; }
    /// Those that a next walk follows if it is told of them, and of all().
    const std::vector<FollowedLink>& repeated() const { return repeated_; }

 private:
    uid_t find_owner() const;
    std::string why_not(int directory, const std::string& target, const FileStatus& link) const;
    bool is_known(const FollowedLink& link) const;

    const int root_;
    const std::string root_path_;
    uid_t owner_;  ///< Mastodon's user, as the tree shows it; 0: nothing is followed
    const std::vector<FollowedLink> known_;
    RepeatedDirectories directories_;  ///< of the root, and behind links that are followed
    std::size_t known_repeated_ = 0;
    std::vector<FollowedLink> all_;
    std::vector<FollowedLink> repeated_;
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
