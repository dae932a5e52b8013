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

/// How a run ended: its record, and its failure.
struct Outcome {
    RunRecord record;
    std::exception_ptr failure;  ///< an Error; null if the run succeeded
};

/// What cancelled a run, and the continuation of the error message: " by user 'root'". Queried
/// after the run has ended.
struct Cancellation {
    CutOff by = CutOff::person;
    std::string text{};
};

/// Waits until no other instance of this host makes a run, then runs a backup, records it in the
/// history, and logs its first and last line. The daemon and `run --standalone` both use it. If an
/// earlier run failed after it had stopped Mastodon, the failed step is rehearsed first, so that
/// Mastodon is stopped only when the cause no longer exists.
/// Does not throw when a run fails or is cancelled: see the outcome.
/// \param cancelled queried when the run was cancelled; empty: a person cancelled it
async::Task<Outcome> perform(backup::Services services, config::Config config, RunRecord record,
                             std::stop_token stop, std::shared_ptr<spdlog::logger> log,
                             std::function<Cancellation()> cancelled = {});

/// Does the same for `run --dry-run`: everything except stopping units, the freeze and publication.
/// A dry run is not a run, so it is not in the history. It fails if a remote cannot be used.
async::Task<Outcome> perform_dry(backup::Services services, config::Config config, RunRecord record,
                                 std::stop_token stop, std::shared_ptr<spdlog::logger> log,
                                 std::function<Cancellation()> cancelled = {});

/// Returns the outcome of a run that was cancelled before it could begin.
Outcome never_begun(const config::Config& config, RunRecord record, Timestamp now,
                    spdlog::logger& log, const Cancellation& cancellation);

}  // namespace mastobak::daemon
