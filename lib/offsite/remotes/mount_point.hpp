// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

namespace mastobak::offsite {

/// Returns whether a file system is mounted on exactly this directory (bind mounts count).
/// \return false also when the path does not exist
/// Source: statx(2), STATX_ATTR_MOUNT_ROOT.
bool is_mount_point(const std::filesystem::path& path);

}  // namespace mastobak::offsite
