// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "async/task.hpp"

namespace mastobak::units {

/// What is asked for whether Mastodon serves: GET http://host:port/target.
struct HealthCheck {
    std::string host;
    std::uint16_t port = 80;
    std::string target;
};

/// Asks until the answer is a success (200 to 299), at most for `limit`, or a second where
/// that is less; a process that has just been started refuses at first.
/// \return why it never did; nothing: it answers
/// Cancel: throws Error{cancelled} or boost's operation_aborted, as timers do.
async::Task<std::optional<std::string>> wait_until_healthy(HealthCheck check,
                                                           std::chrono::nanoseconds limit);

}  // namespace mastobak::units
