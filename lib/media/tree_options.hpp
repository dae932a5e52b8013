// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "media/index/index.hpp"
#include "media/index/index_writer.hpp"
#include "media/tree/followed_links.hpp"

namespace mastobak::media {

class DigestCache;

/// A finished pack in pack_directory; it is fsynced.
struct Pack {
    std::string name;
    Bytes size;
    Digest sha256;
    std::uint64_t members = 0;
};

/// The options of a pass over the media tree (backup_tree, backup_changes).
struct TreeOptions {
    std::filesystem::path root;
    std::vector<uid_t> owners;             ///< users that may own the root: see open_root
    std::vector<std::string> excluded;     ///< top-level directories to leave out, such as "cache"
    bool count_excluded = true;            ///< stat each excluded file, to report their total size
    std::filesystem::path index;           ///< path of the new index
    std::filesystem::path pack_directory;  ///< directory for new packs (partial/ in staging)
    std::string pack_prefix;               ///< "20261122T030000Z": packs are "PREFIX-0001.tar"
    unsigned first_pack = 1;  ///< number of the first new pack; above 1 in a later pass of a run
    Bytes pack_size{std::uint64_t{1} << 30};
    IndexFiles previous_index;  ///< index of the last set; empty: all files are new
    /// An entry of the previous index is trusted only if its ctime is earlier than this.
    /// The kernel's clock for file times ticks every 1 to 10 ms, so a file that changes twice in
    /// one tick keeps its times. The pass therefore reads a file only when it has not changed for a
    /// few ticks. This does not help for symlinks, nor for files whose ctime is in the future
    /// because the clock was set back. The value should therefore be a few ticks before the end of
    /// the pass that wrote the previous index.
    Timestamp trusted_until = Timestamp::max();
    std::vector<FollowedLink> known_links;  ///< found by an earlier walk: see FollowedLinks
    /// If true, the pass packs no more files once it finds a symlink whose target is in the tree at
    /// another place: the next pass packs them, and knows the symlink. If false, the set keeps such
    /// a symlink as a symlink.
    bool may_defer = false;
    int read_attempts = 3;                        ///< for a file that changes while it is read
    std::optional<Bytes> rate_limit;              ///< bytes of files read per second
    const DigestCache* known_contents = nullptr;  ///< files with these contents are not packed
    /// Called with each pack after the pack and its index lines are complete and fsynced. `lines`
    /// is an intermediate index with the lines of this pack only; the callee may move both files.
    /// Called in another thread while the next pack is being filled, one call at a time. An
    /// exception ends the pass when the next pack is finished. When empty, the pass writes no
    /// intermediate indexes.
    std::function<void(const Pack&, const std::filesystem::path& lines)> finished;
    /// Called before each write of about 1 MiB to a pack, with the number of bytes. It may wait
    /// until there is room, or throw. When empty, the pass does not check for room.
    std::function<void(Bytes)> make_room;
};

/// How far a pass has come.
struct TreeProgress {
    std::uint64_t files = 0;
    Bytes bytes;  ///< total size of these files
};

/// The result of a pass over the media tree.
struct TreeResult {
    std::vector<Pack> new_packs;
    PacksUsed packs_used;  ///< packs that the new index refers to
    IndexWriter::Result index;
    std::uint64_t packed_files = 0;  ///< new or changed files
    Bytes packed_bytes;
    std::uint64_t known_files = 0;  ///< new or changed files whose contents a pack already had
    Bytes known_bytes;
    std::uint64_t unchanged_files = 0;
    std::uint64_t linked_files = 0;  ///< names of files with several names (hard links)
    std::uint64_t unreadable = 0;  ///< damaged on disk (EIO): not in the index, each has a warning
    std::uint64_t vanished = 0;    ///< files removed after their directory was listed
    std::vector<FollowedLink> followed;  ///< symlinks to directories outside the tree
    /// The symlinks that make another pass necessary (TreeOptions::may_defer). They and the
    /// followed ones are the known links of that pass.
    std::vector<FollowedLink> repeated;
    Bytes excluded_bytes;  ///< total size of the files in excluded directories
    std::uint64_t excluded_files = 0;
    std::vector<std::string>
        warnings;  ///< about sockets, FIFOs, files that kept changing; at most 100
    std::uint64_t warnings_in_all = 0;
};

}  // namespace mastobak::media
