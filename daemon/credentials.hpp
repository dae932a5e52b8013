// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"

namespace mastobak::daemon {

/// Returns a warning for each file with credentials of a remote or a target of notifications that
/// users other than its owner can read. The warning has the command that fixes the permissions. Members of the group mastobak may
/// control the daemon, but must not get its credentials.
std::vector<std::string> exposed_credentials(const config::Config& config);

}  // namespace mastobak::daemon
