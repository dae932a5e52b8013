// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/files/unique_fd.hpp"

namespace mastobak::media {

/// Opens files of a tree that other users write to. May be used from any thread.
class Opener {
 public:
    /// Opens a name in a directory for reading. Never follows a symlink and never waits for a FIFO
    /// or a terminal. Does not change the access time when the process is the owner or has
    /// CAP_FOWNER.
    /// \param flags further flags of open(2), such as O_DIRECTORY
    /// \return an empty descriptor on failure, with errno
    UniqueFd open(int directory, const char* name, int flags = 0);

 private:
    std::atomic<bool> may_keep_atime_ =
        true;  ///< false after a refusal, as all files have one owner
};

/// Returns the data ranges of a file with holes, in the form of archive::Header::data_ranges. Empty
/// when the file has no holes, or the file system does not report them.
/// Source: lseek(2), SEEK_DATA
std::vector<std::pair<std::uint64_t, std::uint64_t>> data_ranges_of(int fd, std::uint64_t size);

/// Returns the extended attributes that the process may read, by name, including POSIX ACLs.
std::vector<std::pair<std::string, std::string>> xattrs_of(int fd);

/// Returns whether an errno means that a listed file or directory was removed meanwhile, or was
/// replaced by a file of another type.
bool is_vanished(int error);

/// Returns whether an errno means that one file or directory is damaged on disk, as by a bad sector
/// (EIO, EUCLEAN, EBADMSG). The backup then continues with a warning, because a host whose disk
/// begins to fail needs its backup most.
bool is_damage(int error);

/// Returns the error for a path that cannot be read. It has a hint only for EACCES and EPERM.
/// \param path  relative to the media root; may have any bytes
/// \param error errno of the failed call
Error read_error(std::string_view path, int error);

}  // namespace mastobak::media
