// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <spdlog/fwd.h>

#include <memory>
#include <stop_token>

#include "async/task.hpp"
#include "backup/run.hpp"
#include "daemon/history.hpp"

namespace mastobak::daemon {

/// How a run ended: what is remembered of it, and why it failed.
struct Outcome {
    RunRecord record;
    std::exception_ptr failure;  ///< of an Error; none if it succeeded
};

/// A new record of a run that begins now.
RunRecord new_record(Timestamp now);

/// Runs a backup with all that belongs around it: history and the first and last line in the log.
/// The same for the daemon and for `run --standalone`.
/// Never throws for a run that fails: the outcome says so.
async::Task<Outcome> perform(backup::Services services, config::Config config, RunRecord record,
                             std::stop_token stop, std::shared_ptr<spdlog::logger> log);

}  // namespace mastobak::daemon
