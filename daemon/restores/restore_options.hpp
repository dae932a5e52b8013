// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/cli/command.hpp"
#include "daemon/restores/restore_plan.hpp"

namespace CLI {
class App;
}

namespace mastobak::daemon {

/// Declares the options of `mastobak restore`.
/// \param request receives the values; must outlive the command
void add_options(CLI::App& command, Options& options, RestoreRequest& request);

}  // namespace mastobak::daemon
