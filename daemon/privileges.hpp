// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

namespace mastobak::daemon {

/// Becomes the owner of a directory when we are root and it is another user's, keeping
/// CAP_DAC_READ_SEARCH permitted, not effective (ReadAnything raises it): a command run by root
/// then sees and leaves exactly what the daemon would. Only at the start of a process, before there
/// are threads. Throws Error{environment}.
void become_owner_of(const std::filesystem::path& directory);

}  // namespace mastobak::daemon
