// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "async/task.hpp"
#include "core/clock.hpp"

namespace mastobak::async {

/// Waits for a duration on the steady clock, which stops while the machine is suspended.
/// Cancel: throws boost::system::system_error (operation_aborted).
Task<> wait_for(std::chrono::nanoseconds duration);

/// Waits until the duration has passed, or another coroutine cancels the timer.
/// Cancel: throws Error{cancelled}.
Task<> sleep_on(asio::steady_timer& timer, std::chrono::nanoseconds duration);

/// How a wait by the wall clock ended.
enum class WallClock { reached, set };

/// Waits until an instant of CLOCK_REALTIME, also across a suspend.
/// Returns WallClock::set as soon as the clock is set, so that the caller can compute the instant
/// again.
/// Throws Error{internal} when the kernel refuses the timer.
/// Cancel: throws boost::system::system_error (operation_aborted).
/// Source: timerfd_create(2), TFD_TIMER_CANCEL_ON_SET.
Task<WallClock> wait_until(Timestamp time);

}  // namespace mastobak::async
