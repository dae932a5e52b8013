// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "async/task.hpp"

namespace mastobak::units {

/// The request that shows whether Mastodon serves: GET http://host:port/target.
struct HealthCheck {
    std::string host;
    std::uint16_t port = 80;
    std::string target;
};

/// Repeats the request until its answer is a success (200 to 299), because a process that was just
/// started refuses connections at first. Gives up after `limit`, or after one second if `limit` is
/// shorter.
/// \return why no request succeeded; empty when one did
/// Cancel: throws Error{cancelled} or boost's operation_aborted, as timers do.
async::Task<std::optional<std::string>> wait_until_healthy(HealthCheck check,
                                                           std::chrono::nanoseconds limit);

}  // namespace mastobak::units
