// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <set>

#include "core/error.hpp"

namespace mastobak {

/// Returns the owners, other than root, of the symlinks through which a path leads to an open file.
/// \param fd   descriptor of the file or directory
/// \param path the absolute path that was opened
/// \return nullopt when the path now leads to another file or cannot be resolved: the caller may
///         open it again
std::optional<std::set<uid_t>> leaders_to(int fd, const std::filesystem::path& path);

/// Returns the user who can change what a path leads to: the first owner, other than root, of the
/// directories and symlinks on the way and of the file itself.
/// \param path an absolute path
/// \return 0 when all of them belong to root; nullopt when the path cannot be resolved
std::optional<uid_t> owner_on_way(const std::filesystem::path& path);

/// Checks that a path still leads to an open file, and that each owner (other than root) of a
/// symlink on the way may read that file: by the mode and the ACL of the file, and by the
/// permission to search the directories of its real path. Without this check, a less privileged
/// user could have mastobak read any file of the host.
/// \param fd   descriptor of the file
/// \param path the absolute path that was opened
/// \return false when the path now leads to another file or cannot be resolved: the caller may open
///         it again
/// Throws Error{code} when the owner of a symlink may not read the file.
bool is_led_fairly(int fd, const std::filesystem::path& path, Errc code);

}  // namespace mastobak
