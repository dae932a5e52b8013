// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "core/clock.hpp"
#include "media/index/index.hpp"

namespace mastobak::media {

/// The parts of a statx(2) result that a backup needs.
struct FileStatus {
    mode_t mode = 0;  ///< type and permission bits
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

/// Returns the status of a name in a directory, without following a symlink. Returns nullopt on
/// failure, with errno.
std::optional<FileStatus> status_at(int directory, const char* name);
/// Returns the status of an open file; nullopt on failure, with errno.
std::optional<FileStatus> status_of(int fd);

/// Returns whether the file was not written to between two calls of statx.
bool same_contents(const FileStatus& before, const FileStatus& after);

/// Returns whether a status equals an index entry: type, size, times in nanoseconds, inode, mode
/// and owner. For a file with several names, the entry may have the type file or hard link.
bool is_unchanged(const FileStatus& status, const Entry& entry);

/// Copies mode, owner, times and inode to an index entry. The reader of the file sets the size.
void copy_status(const FileStatus& status, Entry& entry);

}  // namespace mastobak::media
