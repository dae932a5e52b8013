// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>

#include "core/clock.hpp"

/// Computes when the daily run is due. The results depend only on the arguments and on the host's
/// time zone (TZ, localtime(3)).
namespace mastobak::schedule {

struct Daily {
    std::chrono::minutes at{180};          ///< local time of day, as minutes after midnight
    std::chrono::seconds random_delay{0};  ///< random delay of that day, drawn by the caller
};

/// Returns the first due time after `after`.
///
/// If local time skips the due time on a day (daylight saving), the run is due at the first instant
/// after the gap. If local time shows it twice, the run is due only at the first of the two.
Timestamp next_due(const Daily& daily, Timestamp after);

/// Returns the last due time at or before `now`.
Timestamp last_due(const Daily& daily, Timestamp now);

/// Returns the local date at an instant.
std::chrono::local_days local_day(Timestamp time);

/// Returns whether a run was missed while the daemon did not run or the host was suspended: the
/// last due time is after the beginning of the last run, and not before `known_since`.
/// \param last_run    when the last run began, whatever its result; nullopt: there was none
/// \param known_since when the state directory was created; runs before that were not missed
bool missed(const Daily& daily, std::optional<Timestamp> last_run, Timestamp known_since,
            Timestamp now);

enum class Period { day, week, month };

/// Returns whether a task is due that is done once in each day, week (from Monday) or month of
/// local time: it was not done yet in the period that contains `now`.
/// \param last when the task was last done or tried; nullopt: never
bool due_once_in(Period period, std::optional<Timestamp> last, Timestamp now);

}  // namespace mastobak::schedule
