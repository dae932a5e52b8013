// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "core/clock.hpp"

namespace mastobak::schedule {

enum class Period { day, week, month };

/// Returns whether a task is due that is done once in each day, week (from Monday) or month of
/// local time: it was not done yet in the period that contains `now`.
/// \param last when the task was last done or tried; nullopt: never
bool due_once_in(Period period, std::optional<Timestamp> last, Timestamp now);

}  // namespace mastobak::schedule
