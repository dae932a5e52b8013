// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "core/clock.hpp"
#include "media/index/index.hpp"

namespace mastobak::media {

/// What statx(2) says of a file, as far as it matters here.
struct FileStatus {
    mode_t mode = 0;  ///< with the type
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint64_t size = 0;
    std::uint64_t allocated = 0;  ///< bytes on disk: fewer than size when there are holes
    Timestamp mtime;
    Timestamp ctime;
    std::uint64_t inode = 0;
    std::uint64_t device = 0;
    std::uint32_t links = 0;
};

/// The status of a name in a directory, symlinks not followed. Nothing on failure, with errno.
std::optional<FileStatus> status_at(int directory, const char* name);
/// The status of an open file. Nothing on failure, with errno.
std::optional<FileStatus> status_of(int fd);

/// Whether the file was not written to between the two looks.
bool same_contents(const FileStatus& before, const FileStatus& after);

/// Whether the file is as an index has it: type, size, times in nanoseconds, inode, mode, owner.
/// A file of several names is a file or a hard link in an index: either is its type.
bool is_unchanged(const FileStatus& status, const Entry& entry);

/// Mode, owner, times and inode, into an entry of an index. Not the size: that is the reader's.
void copy_status(const FileStatus& status, Entry& entry);

}  // namespace mastobak::media
