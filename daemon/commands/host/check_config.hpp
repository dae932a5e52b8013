// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/cli/command.hpp"

namespace mastobak::daemon {

/// The command check-config; setup ends with it.
int command_check_config(const Options& options);

}  // namespace mastobak::daemon
