// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>

#include "core/files/unique_fd.hpp"
#include "core/process/privilege.hpp"

/// Opens a directory into which root writes, when other users own directories on the path. A user
/// can replace a directory of their own by a symlink to /etc at any moment.
namespace mastobak::restore {

/// A directory that was opened for writing.
struct OpenedTarget {
    UniqueFd fd;  ///< empty if it is missing and IfMissing::leave was given
    /// The rights of the directory's owner, if that is not root. Root may work in the directory
    /// only with these rights.
    std::optional<FileRights> rights{};
    /// Whether it was created.
    bool made = false;
};

enum class IfMissing { make, leave };

/// Opens a directory as root, component by component: with root's rights as long as the directories
/// belong to root, and from the first directory of another user on with that user's rights. With
/// these, the user's symlinks are followed. A process that is not root opens it with its own
/// rights.
/// \param if_missing `make` creates the directory and its parents, each 0755
/// Throws Error{environment} when a symlink of another user is in a directory of root, when a
/// user's directory leads into a directory of another user (a bind mount, or a directory that was
/// moved there), and when the directory cannot be opened, created or written with these rights.
/// Source: systemd's chase(), CHASE_SAFE.
OpenedTarget open_target(const std::filesystem::path& path, IfMissing if_missing);

/// Opens or creates (0700) a directory for secrets. It has to belong to this process's user and to
/// be closed to others. Does not follow a symlink of another user, or one in another user's
/// directory.
/// Throws Error{environment}.
UniqueFd open_private_target(const std::filesystem::path& path);

/// Returns the user's name, or the number if there is no name: "user 'mastodon'", "user 990".
std::string user_text(uid_t user);

}  // namespace mastobak::restore
