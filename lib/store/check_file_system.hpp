// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

namespace mastobak::store {

/// Tests in a directory the operations that publication needs from its file system, so that
/// Mastodon is not stopped for a set that cannot be published: private files, fsync, names of 100
/// bytes, renames of files and directories that do not replace anything. Removes all files that it
/// creates.
/// \param directory a directory that this process may write to
/// Throws Error{staging} that says what the file system does not support.
void check_file_system(const std::filesystem::path& directory);

}  // namespace mastobak::store
