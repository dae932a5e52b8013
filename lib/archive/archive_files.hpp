// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/crypto/sha256.hpp"

namespace mastobak::archive {

/// The status of a member when it was archived (lstat(2)).
struct MemberLook {
    std::filesystem::path path;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    Timestamp mtime;
    Timestamp ctime;

    bool operator==(const MemberLook&) const = default;
};

struct FilesArchive {
    Bytes size;
    Digest sha256;
    std::vector<std::string> members;   ///< paths in the archive, without the leading '/'
    std::vector<MemberLook> looks;      ///< the status of each member
    std::vector<std::string> warnings;  ///< about skipped sockets and vanished files, for example
};

/// Archives files and directories into a new .tar.zst. Member names are the absolute paths without
/// the leading '/'. Directories are archived recursively; only regular files, directories and
/// symlinks in them are. A symlink is archived as a symlink, and its target is archived, too, under
/// the target's own path. For symlinks in a directory, this applies only to targets that are
/// regular files.
/// Throws Error{environment} when a path does not exist, cannot be read, or is a dangling symlink;
/// Error{staging} when the archive cannot be written; Error{cancelled}.
FilesArchive archive_files(const std::vector<std::filesystem::path>& paths,
                           const std::filesystem::path& file, std::stop_token stop);

/// Returns whether no member has changed since it was archived, and no file was added to an
/// archived directory (which changes the directory's mtime). Does not read files.
bool is_unchanged(const FilesArchive& archive);

}  // namespace mastobak::archive
