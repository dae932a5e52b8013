// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mastobak::restore {

/// A directory of this host that systemd mounts for Mastodon in a drill. systemd mounts it as root
/// and follows symlinks, which Mastodon's user could point to a directory that is closed to that
/// user.
struct BootPlace {
    std::filesystem::path path;
    std::string identity{};  ///< device and inode number; empty if the directory is missing
};

/// Checks and identifies all these directories.
/// \param directory Mastodon's checkout
/// Throws Error{environment} when a symlink leads to a directory that its owner may not read, when
/// the daemon may not read a directory, and when one of the directories is within another one.
std::vector<BootPlace> boot_places(const std::filesystem::path& directory);

/// Compares the directories with what was mounted. Runs inside the unit, where the mounts do not
/// change any more.
/// Throws Error{environment} when a directory is not the same one.
void require_mounted(const std::vector<BootPlace>& places);

}  // namespace mastobak::restore
