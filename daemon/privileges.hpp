// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

namespace mastobak::daemon {

/// If the process is root and the directory belongs to another user, switches to that user.
/// CAP_DAC_READ_SEARCH stays permitted but not effective (ReadAnything raises it). A command run by
/// root then reads and creates files exactly as the daemon would. Call it at the start of the
/// process, before it has threads.
/// Throws Error{environment}.
void become_owner_of(const std::filesystem::path& directory);

/// Checks that only root can write a file, or a directory: the configuration says which containers
/// the daemon may stop, so the daemon must not be able to write it.
/// \param path an absolute path
/// Throws Error{config}.
void check_only_root_writes(const std::filesystem::path& path);

}  // namespace mastobak::daemon
