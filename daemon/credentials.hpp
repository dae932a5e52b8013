// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"

namespace mastobak::daemon {

/// The files with credentials of remotes that others than their owner may read, as warnings with
/// the command that mends it: members of group mastobak may ask the daemon, not be it.
std::vector<std::string> exposed_credentials(const config::Config& config);

}  // namespace mastobak::daemon
