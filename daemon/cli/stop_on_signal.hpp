// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

namespace mastobak::daemon {

/// For commands without an event loop: while this object exists, SIGINT, SIGTERM and SIGHUP request
/// a stop. Create it before other threads, because they inherit the signal mask.
class StopOnSignal {
 public:
    StopOnSignal();
    ~StopOnSignal();
    StopOnSignal(const StopOnSignal&) = delete;
    StopOnSignal& operator=(const StopOnSignal&) = delete;

    std::stop_token token() const { return stop_.get_token(); }

 private:
    sigset_t signals_{};
    sigset_t before_{};
    std::stop_source stop_;
    std::jthread thread_;
};

}  // namespace mastobak::daemon
