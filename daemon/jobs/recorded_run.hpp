// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <spdlog/fwd.h>

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "async/task.hpp"
#include "backup/run.hpp"
#include "daemon/records/history.hpp"

namespace mastobak::daemon {

/// How a run ended: what is remembered of it, and why it failed.
struct Outcome {
    RunRecord record;
    std::exception_ptr failure;  ///< of an Error; none if it succeeded
};

/// What has cancelled a run, and how the error continues: " by user 'root'". Asked once it has
/// ended.
struct Cancellation {
    CutOff by = CutOff::person;
    std::string text{};
};

/// Runs a backup with all that belongs around it: history and the first and last line in the log.
/// The same for the daemon and for `run --standalone`. Where an earlier run has failed after it had
/// stopped Mastodon, what failed is rehearsed first: Mastodon is not stopped before the cause is
/// gone.
/// Never throws for a run that fails or is cancelled: the outcome says so.
/// \param cancelled asked when the run was cancelled; empty: a person did
async::Task<Outcome> perform(backup::Services services, config::Config config, RunRecord record,
                             std::stop_token stop, std::shared_ptr<spdlog::logger> log,
                             std::function<Cancellation()> cancelled = {});

/// The same for `run --dry-run`: all but stopping, the freeze and publication. It does not count as
/// a run, so the history does not have it. A remote that cannot be used fails it.
async::Task<Outcome> perform_dry(backup::Services services, config::Config config, RunRecord record,
                                 std::stop_token stop, std::shared_ptr<spdlog::logger> log,
                                 std::function<Cancellation()> cancelled = {});

/// The same for a run that was cancelled before it could begin.
Outcome never_begun(const config::Config& config, RunRecord record, Timestamp now,
                    spdlog::logger& log, const Cancellation& cancellation);

}  // namespace mastobak::daemon
