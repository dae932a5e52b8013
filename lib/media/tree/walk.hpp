// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "core/crypto/sha256.hpp"
#include "core/files/unique_fd.hpp"
#include "media/read/media_file.hpp"
#include "media/tree/directory.hpp"
#include "media/tree/file_status.hpp"
#include "media/tree/followed_links.hpp"
#include "media/tree/listing.hpp"
#include "media/warnings.hpp"

namespace mastobak::media {

/// A file or directory that the walk has found.
struct Found {
    std::string path;  ///< relative to the root
    std::shared_ptr<const Directory> parent;
    FileStatus status;
    std::vector<std::pair<std::string, std::string>> xattrs{};  ///< attributes, for a directory
    std::optional<Digest> expected{};  ///< the file is packed only if its contents have this digest
    bool deferred = false;             ///< the next pass packs it, if it has to be packed

    /// Returns the last component of the path, for openat(2) with the parent.
    const char* name() const {
        const auto slash = path.rfind('/');
        return path.c_str() + (slash == std::string::npos ? 0 : slash + 1);
    }
};

struct WalkCounts {
    std::uint64_t vanished = 0;    ///< files and directories removed after they were listed
    std::uint64_t unreadable = 0;  ///< files and directories damaged on disk; each has a warning
    std::uint64_t excluded_files = 0;
    Bytes excluded_bytes;
};

/// Lists a tree depth-first with each directory sorted, which is the order of an index. For one
/// thread.
///
/// The walk follows only symlinks to directories of Mastodon's user outside the tree, and returns
/// them as directories (see FollowedLinks). It enters file systems that are mounted below the root.
/// FileStatus::links of a file counts all its names in the tree: hard links, and the places of a
/// directory that is in the tree several times.
///
/// The memory grows with the depth of the tree and the width of its directories, not with the
/// number of files. The number of open directories has a fixed limit, apart from one for each
/// followed symlink on the current path. ListAhead lists directories in other threads.
class Walk {
 public:
    /// Lists the root.
    /// \param opener         has to outlive this object
    /// \param root           descriptor of the root, open for reading
    /// \param excluded       names in the root: directories and symlinks with these names are left
    ///                       out
    /// \param count_excluded whether to walk the excluded directories, to count their files
    /// \param warnings       gets a warning for each damaged file and each symlink that is not
    ///                       followed; has to outlive this object
    /// \param known_links    symlinks that an earlier walk has found: see FollowedLinks
    /// Throws Error{media} when the root may not be listed.
    Walk(Opener& opener, UniqueFd root, std::vector<std::string> excluded, bool count_excluded,
         Warnings& warnings, std::stop_token stop, std::vector<FollowedLink> known_links = {});

    /// Returns the next file or directory, of any type; never the root; nullopt at the end.
    /// Throws Error{media} for a directory that may not be listed or a file whose status may not be
    /// read, Error{cancelled} after `stop`.
    std::optional<Found> next();
    const WalkCounts& counts() const { return counts_; }
    const FollowedLinks& links() const { return links_; }

 private:
    struct Frame {
        std::string path;
        /// The directory from which this one is opened again: the root, or the target of the last
        /// symlink on the path.
        std::shared_ptr<const Directory> base;
        Listing listing;  ///< its directory is null after the walk has closed it
        std::size_t next_name = 0;
        std::size_t next_look = 0;
    };

    /// Returns the current directory, which it opens again if necessary. On failure it leaves the
    /// directory and returns null.
    std::shared_ptr<const Directory> current();
    std::optional<Found> enter(const char* name);
    /// Stats the next name that is not a directory, or takes the result from the listing.
    StatResult look(const char* name);
    std::optional<Found> found(const char* name, const StatResult& look);
    /// Returns the directory that a symlink leads to, or the symlink if it is not followed.
    Found follow(const char* name, const FileStatus& link);
    void push(Listing listing, std::string path, std::shared_ptr<const Directory> base);
    void count_excluded(const char* name);
    /// Counts a path that was removed or is damaged on disk; throws for other errors.
    void failed(const std::string& path, int error);

    Opener& opener_;
    std::shared_ptr<const Directory> root_;
    std::vector<std::string> excluded_;
    FollowedLinks links_;
    bool count_excluded_;
    Warnings& warnings_;
    std::stop_token stop_;
    std::vector<Frame> frames_;  ///< the directories on the current path, the root first
    WalkCounts counts_;
    ListAhead ahead_;
};

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
