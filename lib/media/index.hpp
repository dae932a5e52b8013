// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/sha256.hpp"

namespace mastobak::media {

enum class EntryType : char { file = 'f', directory = 'd', symlink = 'l', hardlink = 'h' };

/// One line of an index: a file of the tree and where its bytes are. lib/store/FORMAT.md has the
/// format.
struct Entry {
    EntryType type = EntryType::file;
    std::string path;        ///< bytes, relative to the media root, without "./"
    std::uint32_t mode = 0;  ///< permission bits, 07777
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint64_t size = 0;  ///< of the file's contents; 0 for the others
    Timestamp mtime;
    Timestamp ctime;
    std::uint64_t inode = 0;
    std::string pack;              ///< file name of the pack, "20261122T030000Z-0001.tar"; files,
                                   ///< symlinks and hard links have one
    std::uint64_t offset = 0;      ///< where its member begins in the pack
    std::uint64_t stored = 0;      ///< bytes of the member, headers and padding included
    std::optional<Digest> sha256;  ///< of the contents; files only
    bool copy = false;             ///< a file whose member has the header of another one
    std::string target;            ///< of a symlink; of a hard link: the path in this tree; of a
                                   ///< directory: what encode_xattrs() made of its attributes

    bool operator==(const Entry&) const = default;
};

/// Of a path in an index, in bytes. Linux takes 4096 in one call (PATH_MAX), with the directory
/// that it is restored to.
inline constexpr std::size_t longest_path = 3840;
/// Of one name in it, in bytes: NAME_MAX, which Debian's usual file systems have. A few (vfat,
/// CIFS, FUSE) have longer ones.
inline constexpr std::size_t longest_name = 255;

/// Order of an index: component by component, bytewise, a directory before what is in it. This is
/// the order of a depth-first walk with sorted directories.
/// \return negative, zero, positive as strcmp(3)
int compare_paths(std::string_view a, std::string_view b);

/// A part of an index that can be read without the others: a zstd frame, of whole lines.
struct IndexPart {
    Bytes offset;  ///< in the file
    Bytes size;
    Digest sha256;      ///< of these bytes
    std::string first;  ///< path of its first entry; empty in an index without entries

    bool operator==(const IndexPart&) const = default;
};

/// Writes an index, entry by entry in order, compressed; a thread of its own compresses.
class IndexWriter {
 public:
    /// \param file new
    explicit IndexWriter(const std::filesystem::path& file);
    ~IndexWriter();
    /// Throws Error{internal} for an entry out of order.
    void add(const Entry& entry);
    /// The same for one of another index.
    /// \param line as it is there: IndexReader::line()
    void add(const Entry& entry, std::string_view line);

    struct Result {
        Bytes size;
        Digest sha256;
        std::uint64_t entries = 0;
        std::uint64_t files = 0;
        Bytes file_bytes;  ///< sum of the sizes
        /// Entries whose time of modification is another one in the index (time_of_file()).
        std::uint64_t changed_times = 0;
        std::uint64_t long_paths = 0;  ///< entries with a path longer than longest_path
        std::uint64_t long_names = 0;  ///< entries whose own name is longer than longest_name
        std::vector<IndexPart> parts;
    };
    /// Ends the file, without fsync: most indexes are read once and removed. Whoever keeps one
    /// syncs it.
    Result finish();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Reads an index, entry by entry, in constant memory; a thread of its own decompresses.
class IndexReader {
 public:
    /// What a file has: an index, or parts of one that follow each other. Those need not have the
    /// first and the last line, and nothing tells whether they are all.
    enum class Extent { whole, parts };
    /// Throws Error{corrupt} for a file that is no index, or of an unknown version.
    explicit IndexReader(const std::filesystem::path& file, Extent extent = Extent::whole);
    ~IndexReader();
    /// Null at the end; valid until the next call. Throws Error{corrupt} for a damaged or cut file
    /// (a cut one has no end line), a path that is absolute or has "..", an entry out of order.
    const Entry* next();
    /// The line of that entry, without its line break; valid as long.
    std::string_view line() const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mastobak::media
