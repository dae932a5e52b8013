// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "config/config.hpp"
#include "core/clock.hpp"
#include "daemon/records/history.hpp"

namespace mastobak::daemon {

/// Whether a run of the schedule was cut off by what says nothing about it: the service was
/// stopped, the host was shut down or lost its power.
bool was_interrupted(const RunRecord& record);

/// When a night that failed is tried again: after 5 minutes, then after twice as long each time,
/// until `schedule.retry_until` after its first attempt. Nothing when the failure needs a person,
/// when a person has cancelled the run, and when that run has stopped Mastodon at a step that
/// cannot be rehearsed, or after a rehearsal: it is not stopped twice for the same cause. Pure.
/// \param last the newest run
std::optional<Timestamp> retry_at(const RunRecord& last, const config::Schedule& schedule);

/// A new record of a run that begins now.
/// \param by   "request", "schedule", "catch-up" or "retry"
/// \param last the run before it, whose night it may continue; nothing: there was none
RunRecord new_record(Timestamp now, const std::string& by = "request",
                     const std::optional<RunRecord>& last = {});

}  // namespace mastobak::daemon
