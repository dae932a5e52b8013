// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>

#include "core/clock.hpp"

/// When the daily run is due: pure functions of times and the host's time zone (TZ, localtime(3)).
namespace mastobak::schedule {

struct Daily {
    std::chrono::minutes at{180};          ///< after local midnight, by the clock on the wall
    std::chrono::seconds random_delay{0};  ///< the drawn delay, already chosen for that day
};

/// The first due time after `after`.
///
/// On the day on which the clock jumps over the hour, the run is due at the first instant after
/// the gap; on the day that has the hour twice, at the first of the two only.
Timestamp next_due(const Daily& daily, Timestamp after);

/// The last due time at or before `now`.
Timestamp last_due(const Daily& daily, Timestamp now);

/// The day that the clock on the wall showed at an instant.
std::chrono::local_days local_day(Timestamp time);

/// Whether a run was missed while the daemon was not there (or the machine slept): the last due
/// time is after the last run began, and the daemon has been installed (or has run) before it.
/// \param last_run when the last run began, however it ended; nothing if there was none
/// \param known_since when the state directory was made: nothing is "missed" before that
bool missed(const Daily& daily, std::optional<Timestamp> last_run, Timestamp known_since,
            Timestamp now);

}  // namespace mastobak::schedule
