// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/backups/backups.hpp"
#include "daemon/cli/command.hpp"

namespace mastobak::daemon {

/// `run --standalone`: makes a set, or a dry run, in this process, and returns its record.
/// Throws Error when the run cannot begin.
RunRecord run_standalone(const Options& options, const RunRequest& request,
                         const Backups::OnProgress& show);

}  // namespace mastobak::daemon
