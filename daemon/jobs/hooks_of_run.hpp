// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "async/task.hpp"
#include "backup/run.hpp"
#include "config/config.hpp"
#include "daemon/records/history.hpp"

namespace mastobak::daemon {

/// Runs the hook before a run.
/// \return the warning of a hook that failed without stopping the run; empty: none
/// Throws the error of a hook that stops the run. Cancel: ends the hook, throws Error{cancelled}.
async::Task<std::string> before_run(backup::Services services, config::Hook hook,
                                    const RunRecord& record);

/// Runs the hooks after a run. Failed ones are warnings of the record.
/// \param stopping the daemon is being stopped, so the hooks have less time
async::Task<> after_run(backup::Services services, config::Hooks hooks, RunRecord& record,
                        bool stopping);

}  // namespace mastobak::daemon
