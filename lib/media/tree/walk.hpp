// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "core/crypto/sha256.hpp"
#include "media/read/opener.hpp"
#include "media/tree/directory.hpp"
#include "media/tree/file_status.hpp"
#include "media/tree/followed_links.hpp"
#include "media/tree/list_ahead.hpp"
#include "media/warnings.hpp"

namespace mastobak::media {

/// A file or directory that the walk has found.
struct Found {
    std::string path;  ///< relative to the root
    std::shared_ptr<const Directory> parent;
    FileStatus status;
    std::vector<std::pair<std::string, std::string>> xattrs{};  ///< of a directory
    std::optional<Digest> expected{};  ///< the file is packed only if its contents have this digest
    bool deferred = false;             ///< the next pass packs it, if it has to be packed

    /// The last component of the path, for openat(2) with the parent.
    const char* name() const {
        const auto slash = path.rfind('/');
        return path.c_str() + (slash == std::string::npos ? 0 : slash + 1);
    }
};

struct WalkCounts {
    std::uint64_t vanished = 0;    ///< listed, but no longer there
    std::uint64_t unreadable = 0;  ///< damaged; each has its warning
    std::uint64_t excluded_files = 0;
    Bytes excluded_bytes;
};

/// Lists a tree depth-first, each directory sorted: in the order of an index.
///
/// Follows no symlink but those to directories of Mastodon's outside the tree, which it returns as
/// directories (see FollowedLinks); goes into other file systems mounted below. A file that is in
/// the tree at several places has all of them as its names, whether they are hard links or the
/// places of a directory that is mounted twice. Memory and open
/// directories are bounded by depth and width, not by size. ListAhead does most of the work, in its
/// threads.
class Walk {
 public:
    /// \param excluded       names of directories in the root that are not returned
    /// \param count_excluded whether what is in them is counted
    /// \param known_links    links that an earlier walk has found: see FollowedLinks
    Walk(Opener& opener, UniqueFd root, std::vector<std::string> excluded, bool count_excluded,
         Warnings& warnings, std::stop_token stop, std::vector<FollowedLink> known_links = {});

    /// Returns the next file or directory (never the root), of any type; nullopt at the end.
    /// Throws Error{media} for a directory that may not be read, Error{cancelled}.
    std::optional<Found> next();
    const WalkCounts& counts() const { return counts_; }
    const FollowedLinks& links() const { return links_; }

 private:
    struct Frame {
        std::string path;
        /// From where it is opened again: the root, or what the last symlink on its path led to.
        std::shared_ptr<const Directory> base;
        Listing listing;  ///< its directory is null when it was closed, to be opened again
        std::size_t next_name = 0;
        std::size_t next_look = 0;
        std::uint32_t places = 1;  ///< see FollowedLinks::places_of
    };

    std::shared_ptr<const Directory> current();
    std::optional<Found> enter(const char* name);
    /// At the next name that is not a directory.
    StatResult look(const char* name);
    std::optional<Found> found(const char* name, const StatResult& look);
    /// At a symlink: the directory that it leads to, or the link itself.
    Found follow(const char* name, const FileStatus& link);
    void push(Listing listing, std::string path, std::shared_ptr<const Directory> base);
    bool is_excluded(const char* name) const;
    void count_excluded(const char* name);
    /// Counts and continues, or throws.
    void failed(const std::string& path, int error);

    Opener& opener_;
    std::shared_ptr<const Directory> root_;
    FollowedLinks links_;
    std::vector<std::string> excluded_;
    bool count_excluded_;
    Warnings& warnings_;
    std::stop_token stop_;
    std::vector<Frame> frames_;  ///< from the root down to where we are
    WalkCounts counts_;
    ListAhead ahead_;
};

}  // namespace mastobak::media
