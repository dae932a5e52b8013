// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mastobak::restore {

/// A directory of this host that systemd mounts for Mastodon in a drill. It does that as root, and
/// follows symlinks that Mastodon's user can make: to a directory that is closed to that user, say.
struct BootPlace {
    std::filesystem::path path;
    std::string identity{};  ///< device and number of its inode; empty: it is not there
};

/// Looks at all of them.
/// \param directory Mastodon's checkout
/// Throws Error{environment} where a symlink leads to what its owner may not read, where we may not
/// look, and where one of them is within another one.
std::vector<BootPlace> boot_places(const std::filesystem::path& directory);

/// Compares them with what was mounted, from within the unit: what is mounted stays.
/// Throws Error{environment} when it is something else.
void require_mounted(const std::vector<BootPlace>& places);

}  // namespace mastobak::restore
