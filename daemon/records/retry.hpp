// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "config/config.hpp"
#include "core/clock.hpp"
#include "daemon/records/history.hpp"

namespace mastobak::daemon {

/// Returns whether a scheduled run was interrupted by a cause outside the backup: the service was
/// stopped, the host was shut down or lost power.
bool was_interrupted(const RunRecord& record);

/// Returns when a failed night is tried again: after 5 minutes, then after twice the previous
/// delay, until `schedule.retry_until` after its first attempt. Returns nullopt if a person must
/// fix the cause, if a person cancelled the run, and if the run had stopped Mastodon and then
/// failed at a step that cannot be rehearsed, or failed after a rehearsal. Mastodon is not stopped
/// twice for the same cause. Pure.
/// \param last the newest run
std::optional<Timestamp> retry_at(const RunRecord& last, const config::Schedule& schedule);

/// Creates the record of a run that begins now.
/// \param by "request", "schedule", "catch-up" or "retry"
/// \param last the previous run, whose night this run may continue; nullopt when there is none
RunRecord new_record(Timestamp now, const std::string& by = "request",
                     const std::optional<RunRecord>& last = {});

}  // namespace mastobak::daemon
