// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/sha256.hpp"

namespace mastobak::archive {

struct FilesArchive {
    Bytes size;
    Digest sha256;
    std::vector<std::string> members;   ///< paths in the archive, without the leading '/'
    std::vector<std::string> warnings;  ///< sockets skipped, files that vanished
};

/// Archives files and directories (recursively, nothing but regular files, directories and
/// symlinks) as a new .tar.zst, their absolute paths without the leading '/'. A symlink goes in as
/// a symlink and what it points to beside it, by its own path; in a directory only if that is a
/// regular file. Throws Error{environment} for a path that is not there, cannot be read, or leads
/// nowhere; Error{staging} for what cannot be written.
FilesArchive archive_files(const std::vector<std::filesystem::path>& paths,
                           const std::filesystem::path& file, std::stop_token stop);

}  // namespace mastobak::archive
