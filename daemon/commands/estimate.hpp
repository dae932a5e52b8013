// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/cli/command.hpp"

namespace mastobak::daemon {

/// Prints what a night takes on this host. Becomes the user of the state directory.
/// \return exit status
/// Throws the errors of backup::make_plan().
int command_estimate(const Options& options);

}  // namespace mastobak::daemon
