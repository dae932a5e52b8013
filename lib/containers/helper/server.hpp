// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "containers/helper/helper.hpp"

namespace mastobak::containers {

struct ServerOptions {
    std::vector<uid_t> clients;  ///< the users that may connect; others are refused
    /// The server ends when there was no connection for this long.
    std::chrono::milliseconds idle{60'000};
    /// How long a client may take to send its request, and to read the answer.
    std::chrono::milliseconds patience{10'000};
    /// Called with each refusal, from several threads.
    std::function<void(const std::string&)> refused{};
};

/// Serves connections of a Unix socket until a stop request, or until it is idle. Each connection
/// has one request, and a thread of its own.
/// \param listener a socket that listens; it stays open
/// Throws Error{units} when the socket does not work.
void serve(int listener, Helper& helper, const ServerOptions& options, std::stop_token stop);

}  // namespace mastobak::containers
