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

/// Archives files and directories (recursively, symlinks as symlinks, nothing but regular files,
/// directories and symlinks) as a new .tar.zst, their absolute paths without the leading '/'.
/// Throws Error{media} for a path that cannot be read, Error{staging} for what cannot be written.
FilesArchive archive_files(const std::vector<std::filesystem::path>& paths,
                           const std::filesystem::path& file, std::stop_token stop);

}  // namespace mastobak::archive
