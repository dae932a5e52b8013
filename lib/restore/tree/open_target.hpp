// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>

#include "core/as_user.hpp"
#include "core/unique_fd.hpp"

/// How root comes to a directory that it writes into, when other users own directories on the way:
/// what a user owns, the user may replace by a symlink to /etc at any moment.
namespace mastobak::restore {

struct OpenedTarget {
    UniqueFd fd;  ///< empty: it is missing, and was not to be made
    /// Whose directory it is, where it is not root's: only with these rights may root work in it.
    std::optional<FileRights> rights{};
    bool made = false;
};

enum class IfMissing { make, leave };

/// Opens a directory as root, one component after the other: through directories of root's with
/// root's rights, and from the first one on that another user owns with that user's rights, which
/// also lead through the user's symlinks. Who is not root has no other rights.
/// \param if_missing made with all above it, each 0755
/// Throws Error{environment} where a user's symlink leaves root's directories, where a user's
/// directory leads into one of yet another user (a bind mount, a directory moved there), and when
/// the directory cannot be opened, made, or written into with these rights.
/// Source: systemd's chase(), CHASE_SAFE.
OpenedTarget open_target(const std::filesystem::path& path, IfMissing if_missing);

/// Opens or makes (0700) a directory for secrets, which has to be ours and closed to others. Leads
/// through no symlink of another user's, nor through one in another user's directory.
/// Throws Error{environment}.
UniqueFd open_private_target(const std::filesystem::path& path);

/// The user's name, or the number where there is none: "user 'mastodon'", "user 990".
std::string user_text(uid_t user);

}  // namespace mastobak::restore
