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
#include "media/index/index_writer.hpp"
#include "media/index/packs_used.hpp"
#include "media/tree/followed_links.hpp"

namespace mastobak::media {

class DigestCache;

/// A finished pack, fsynced, in pack_directory.
struct Pack {
    std::string name;
    Bytes size;
    Digest sha256;
    std::uint64_t members = 0;
};

struct TreeOptions {
    std::filesystem::path root;
    std::vector<uid_t> owners;             ///< whose the root has to be: see open_root
    std::vector<std::string> excluded;     ///< top-level directories left out, "cache"
    bool count_excluded = true;            ///< look at each file there, to say how much it is
    std::filesystem::path index;           ///< the new index file
    std::filesystem::path pack_directory;  ///< where new packs are made (staging's partial/)
    std::string pack_prefix;               ///< "20261122T030000Z": packs are "PREFIX-0001.tar"
    unsigned first_pack = 1;  ///< the number of the first new pack: a second pass counts on
    Bytes pack_size{std::uint64_t{1} << 30};
    std::filesystem::path previous_index;  ///< of the last set; empty: everything is new
    /// An entry of the previous index is trusted only if its ctime is earlier. The kernel's clock
    /// of file times ticks every 1 to 10 ms: what changes twice within a tick keeps its times.
    /// Files are therefore read when they have been at rest for a few ticks; that leaves those
    /// whose ctime is in the future (the clock was set back), and symlinks. So: a few ticks before
    /// the end of the look that the previous index comes from.
    Timestamp trusted_until = Timestamp::max();
    std::vector<FollowedLink> known_links;  ///< of an earlier walk: see FollowedLinks
    /// Once a symlink is found that leads to what is in the tree at another place, packs nothing
    /// more: a next pass does, which knows the symlink. Otherwise such a symlink stays one.
    bool may_defer = false;
    int read_attempts = 3;                        ///< of a file that changes while it is read
    std::optional<Bytes> rate_limit;              ///< of what is read of files, a second
    const DigestCache* known_contents = nullptr;  ///< new files with these are not packed
    /// Told of each pack once it is whole and fsynced, and so are its lines of the index: an index
    /// of their own, whose path is given; both may be moved. From another thread while the next
    /// pack is being filled, one call at a time. What it throws ends the pass, a pack later. Empty:
    /// there are no such indexes.
    std::function<void(const Pack&, const std::filesystem::path& lines)> finished;
    /// Asked before that many more bytes are written to packs, about 1 MiB at a time. It may wait
    /// until there is room, or throw. Empty: there is.
    std::function<void(Bytes)> make_room;
};

struct TreeProgress {
    std::uint64_t files = 0;
    Bytes bytes;  ///< of files looked at
};

struct TreeResult {
    std::vector<Pack> new_packs;
    PacksUsed packs_used;  ///< by the index
    IndexWriter::Result index;
    std::uint64_t packed_files = 0;  ///< new or changed
    Bytes packed_bytes;
    std::uint64_t known_files = 0;  ///< new or changed, but their contents are in a pack already
    Bytes known_bytes;
    std::uint64_t unchanged_files = 0;
    std::uint64_t linked_files = 0;  ///< names of files that have several (hard links)
    std::uint64_t unreadable = 0;  ///< damaged on disk (EIO): not in the index, each has a warning
    std::uint64_t vanished = 0;    ///< between the look at the directory and the read
    std::vector<FollowedLink> followed;  ///< symlinks that stand for directories elsewhere
    /// Why a next pass is needed (TreeOptions::may_defer). These and the followed ones are its known
    /// links.
    std::vector<FollowedLink> repeated;
    Bytes excluded_bytes;  ///< under the excluded directories
    std::uint64_t excluded_files = 0;
    std::vector<std::string>
        warnings;  ///< sockets, FIFOs, files that never stood still; at most 100
    std::uint64_t warnings_in_all = 0;
};

}  // namespace mastobak::media
