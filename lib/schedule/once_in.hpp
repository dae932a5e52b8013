// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "core/clock.hpp"

namespace mastobak::schedule {

enum class Period { day, week, month };

/// Whether something that is to be done once in each day, week (from Monday on) or month is due: it
/// was not done yet in that of `now`, by the clock on the wall.
/// \param last when it was done, or tried; nothing: never
bool due_once_in(Period period, std::optional<Timestamp> last, Timestamp now);

}  // namespace mastobak::schedule
