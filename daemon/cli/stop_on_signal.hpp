// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

namespace mastobak::daemon {

/// For commands without an event loop: SIGINT, SIGTERM and SIGHUP request a stop, as long as this
/// lives. Before there are other threads: they inherit the mask.
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
