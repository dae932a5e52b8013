// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

namespace mastobak::daemon {

/// Checks that only root can write a file, or a directory: the configuration says which containers
/// the daemon may stop, so the daemon must not be able to write it.
/// \param path an absolute path
/// Throws Error{config}.
void check_only_root_writes(const std::filesystem::path& path);

}  // namespace mastobak::daemon
