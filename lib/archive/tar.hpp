// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/clock.hpp"

namespace mastobak::archive {

/// The metadata of a member.
struct Header {
    enum class Type { file, directory, symlink, hardlink };
    Type type = Type::file;
    std::string path;    ///< bytes in any encoding
    std::string target;  ///< target of a symlink; for a hard link, the path of an earlier member
    std::uint32_t mode = 0;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::string user;  ///< name, may be empty
    std::string group;
    Timestamp mtime;
    std::uint64_t size = 0;  ///< size of the contents with holes; 0 for all types except files
    /// The data ranges of a sparse file, as (offset, length), in order. Empty: the file is not
    /// sparse. One range of length 0: the whole file is a hole.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> data_ranges;
    std::vector<std::pair<std::string, std::string>> xattrs;  ///< "user.name", value

    bool operator==(const Header&) const = default;
};

/// Called with the bytes of an archive as they are produced. May throw.
using Sink = std::function<void(std::span<const std::byte>)>;
/// Returns the next bytes of an archive; an empty span at the end. The span is valid until the next
/// call.
using Source = std::function<std::span<const std::byte>()>;

/// Writes a pax tar through libarchive: names as bytes, times with nanoseconds, sparse files as
/// GNU's format 1.0, xattrs as SCHILY.xattr, so that GNU tar restores all of it.
///
/// Nothing is buffered: the sink gets each header of 512 bytes and each block of the caller at
/// once. An exception of the sink is passed on to the caller; after that, the writer cannot be used
/// any more. The destructor writes nothing, so without finish() the archive stays incomplete.
/// Throws Error{internal} when libarchive refuses a call.
class TarWriter {
 public:
    explicit TarWriter(Sink sink);
    ~TarWriter();
    /// Begins a member and writes its header.
    void begin(const Header& header);
    /// Writes the next bytes of the contents. The caller passes zeros for holes; they are not
    /// stored in the archive.
    void data(std::span<const std::byte> block);
    /// Ends the member. After that, position() is the offset of the next one.
    /// Throws Error{internal} when there was less data than the header said.
    void end();
    /// Returns the number of bytes that were written so far.
    std::uint64_t position() const;
    /// Ends the archive with two zero blocks.
    void finish();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Reads a tar (pax, gnu, ustar) through libarchive. The archive may be hostile: the caller has to
/// check the paths, and must not trust the sizes.
class TarReader {
 public:
    /// \param stop checked for each block, as an archive of 10 KB may contain a hole of terabytes
    explicit TarReader(Source source, std::stop_token stop = {});
    ~TarReader();
    /// Returns the header of the next member; nullopt at the end.
    /// Throws Error{corrupt}, also for a member whose type is not in Header::Type.
    std::optional<Header> next();
    /// Returns the next block of the member's contents; empty at its end. Holes are read as zeros.
    /// Throws Error{corrupt}, Error{cancelled}.
    std::span<const std::byte> data();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Looks up names of users and groups, each id once. Not thread-safe.
class Owners {
 public:
    /// Both return an empty string for an id without a name.
    const std::string& user(std::uint32_t uid);
    const std::string& group(std::uint32_t gid);

 private:
    std::unordered_map<std::uint32_t, std::string> users_;
    std::unordered_map<std::uint32_t, std::string> groups_;
};

}  // namespace mastobak::archive
