// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.hpp"

namespace mastobak::archive {

/// What a tar says of a member, besides its contents.
struct Header {
    enum class Type { file, directory, symlink, hardlink };
    Type type = Type::file;
    std::string path;    ///< bytes
    std::string target;  ///< of a symlink; of a hard link: the path of an earlier member
    std::uint32_t mode = 0;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::string user;  ///< name, may be empty
    std::string group;
    Timestamp mtime;
    std::uint64_t size = 0;  ///< of the contents, holes included; 0 for all but files
    /// Where the data of a sparse file is, (offset, length) in order. Empty: everywhere; one
    /// range of length 0: nowhere, the file is one hole.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> data_ranges;
    std::vector<std::pair<std::string, std::string>> xattrs;  ///< "user.name", value

    bool operator==(const Header&) const = default;
};

/// Takes the bytes of an archive as they are made. May throw.
using Sink = std::function<void(std::span<const std::byte>)>;
/// Gives bytes of an archive: an empty span at the end. The span is valid until the next call.
using Source = std::function<std::span<const std::byte>()>;

/// Writes a pax tar through libarchive: names as bytes, times with nanoseconds, sparse files as
/// GNU's format 1.0, xattrs as SCHILY.xattr, so that GNU tar restores all of it.
///
/// Nothing is buffered: the sink gets a header's 512 bytes as well as the caller's own blocks. What
/// the sink throws is passed on; the writer is of no use then. One that is destroyed before
/// finish() writes nothing more.
class TarWriter {
 public:
    explicit TarWriter(Sink sink);
    ~TarWriter();
    void begin(const Header& header);
    /// The next bytes of the contents; holes as zeros (they are left out of the archive).
    void data(std::span<const std::byte> block);
    /// Ends the member: from here on position() is the offset of the next one.
    /// Throws Error{internal} when there was less data than the header said.
    void end();
    std::uint64_t position() const;
    /// Two zero blocks.
    void finish();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Reads a tar (pax, gnu, ustar) through libarchive. What it says is as hostile as its source:
/// paths are not checked, sizes may lie.
class TarReader {
 public:
    /// \param stop looked at in each block: a source of 10 KB may hold a hole of terabytes
    explicit TarReader(Source source, std::stop_token stop = {});
    ~TarReader();
    /// The next member, or nothing at the end. Throws Error{corrupt}, also for a member that is
    /// none of Header::Type.
    std::optional<Header> next();
    /// The next block of the member's contents, holes as zeros; empty at its end.
    /// Throws Error{corrupt}, Error{cancelled}.
    std::span<const std::byte> data();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mastobak::archive
