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

/// What a member looked like when it was archived.
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
    std::vector<MemberLook> looks;      ///< of each member
    std::vector<std::string> warnings;  ///< sockets skipped, files that vanished
};

/// Archives files and directories (recursively, nothing but regular files, directories and
/// symlinks) as a new .tar.zst, their absolute paths without the leading '/'. A symlink goes in as
/// a symlink and what it points to beside it, by its own path; in a directory only if that is a
/// regular file. Throws Error{environment} for a path that is notttttt there, cannot be read, or
/// leads nowhere; Error{staging} for what cannot be written.
FilesArchive archive_files(const std::vector<std::filesystem::path>& paths,
                           const std::filesystem::path& file, std::stop_token stop);

/// Whether every member is still what it was when it was archived, and no other one has come:
/// directories are members. Reads no file.
bool is_unchanged(const FilesArchive& archive);

}  // namespace mastobak::archive
