// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/crypto/sha256.hpp"

namespace mastobak::media {

enum class EntryType : char { file = 'f', directory = 'd', symlink = 'l', hardlink = 'h' };

/// One line of an index: a file of the tree and the place of its contents in a pack.
/// lib/store/FORMAT.md specifies the format.
struct Entry {
    EntryType type = EntryType::file;
    std::string path;        ///< bytes, relative to the media root, without "./"
    std::uint32_t mode = 0;  ///< permission bits, 07777
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint64_t size = 0;  ///< size of a file's contents; 0 for other types
    Timestamp mtime;
    Timestamp ctime;
    std::uint64_t inode = 0;
    std::string pack;              ///< file name of the pack, "20261122T030000Z-0001.tar"; files,
                                   ///< symlinks and hard links have one
    std::uint64_t offset = 0;      ///< offset of its member in the pack
    std::uint64_t stored = 0;      ///< bytes of the member, including headers and padding
    std::optional<Digest> sha256;  ///< digest of the contents; only for files
    bool copy = false;             ///< the member of this file has the header of another file
    std::string target;            ///< target of a symlink; path of a hard link's first name;
                                   ///< encode_xattrs() of a directory's extended attributes

    bool operator==(const Entry&) const = default;
};

/// The length limit of a path in an index, in bytes. Linux accepts 4096 bytes in one call
/// (PATH_MAX), which includes the directory that the path is restored to.
inline constexpr std::size_t longest_path = 3840;
/// The length limit of one component of a path, in bytes: NAME_MAX, the limit of Debian's usual
/// file systems. A few (vfat, CIFS, FUSE) allow longer names.
inline constexpr std::size_t longest_name = 255;

/// The place of a member: its pack, and its offset and size there, in bytes.
struct Location {
    std::string pack;
    std::uint64_t offset = 0;
    std::uint64_t stored = 0;

    bool operator==(const Location&) const = default;
};

/// The files that an index is read from. Most nights change few lines of the index, so a set can
/// have an older index, its base, and the changes since then: see index_changes.hpp.
struct IndexFiles {
    std::filesystem::path whole;      ///< the index, or its base if there are changes
    std::filesystem::path changes{};  ///< empty: `whole` is the index

    IndexFiles() = default;
    /// A path of a whole index can be passed where an index is wanted.
    IndexFiles(std::filesystem::path file) : whole(std::move(file)) {}  // NOLINT(*-explicit-*)
    IndexFiles(std::filesystem::path base, std::filesystem::path changes_file)
        : whole(std::move(base)), changes(std::move(changes_file)) {}

    bool empty() const { return whole.empty(); }
    bool operator==(const IndexFiles&) const = default;
};

/// How much of one pack an index uses.
struct PackUse {
    std::uint64_t entries = 0;
    Bytes stored;  ///< size of their members; a member of several entries counts for each of them

    bool operator==(const PackUse&) const = default;
};

/// The key is the file name of the pack.
using PacksUsed = std::map<std::string, PackUse>;

/// Adds an entry of the index to the counts. Directories are not stored in packs.
inline void count_use(PacksUsed& packs, const Entry& entry) {
    if (entry.pack.empty()) return;
    auto& use = packs[entry.pack];
    ++use.entries;
    use.stored += Bytes{entry.stored};
}

}  // namespace mastobak::media
