// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <exception>
#include <optional>

#include "async/task.hpp"
#include "core/clock.hpp"

namespace mastobak::async {

/// Waits that long by the steady clock (which stands still while the machine sleeps).
Task<> wait_for(std::chrono::nanoseconds duration);

/// How a wait by the wall clock ended.
enum class WallClock { reached, set };

/// Waits until an instant of CLOCK_REALTIME, also across a suspend.
/// Returns WallClock::set as soon as somebody sets the clock, so that the caller computes anew.
/// Source: timerfd_create(2), TFD_TIMER_CANCEL_ON_SET.
Task<WallClock> wait_until(Timestamp time);

/// Runs a task with a limit.
/// Returns whether the task ended in time; past it, the task is cancelled and its end awaited.
/// Throws what the task throws.
Task<bool> with_deadline(std::chrono::nanoseconds limit, Task<> task);

}  // namespace mastobak::async
