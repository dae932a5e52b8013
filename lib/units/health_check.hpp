// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "async/task.hpp"
#include "http/url.hpp"

namespace mastobak::units {

/// Requests a URL of Mastodon until the answer is a success (200 to 299), because a process that
/// was just started refuses connections at first. Uses no proxy. Gives up after `limit`, or after
/// one second if `limit` is shorter.
/// \return why no request succeeded; empty when one did
/// Cancel: throws Error{cancelled} or boost's operation_aborted, as timers do.
async::Task<std::optional<std::string>> wait_until_healthy(http::Url url,
                                                           std::chrono::nanoseconds limit);

}  // namespace mastobak::units
