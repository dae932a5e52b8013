// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

namespace mastobak::store {

/// Tries in a directory what publication needs of its file system, before Mastodon is stopped for a
/// set that could not be published: files that are private and synced, names of 100 bytes, renames
/// of files and directories that replace nothing. What it makes, it removes.
/// \param directory that we may write to
/// Throws Error{staging} that says what the file system cannot do.
void check_file_system(const std::filesystem::path& directory);

}  // namespace mastobak::store
