// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/stop_on_signal.hpp"

#include <ctime>

namespace mastobak::daemon {

StopOnSignal::StopOnSignal() {
    ::sigemptyset(&signals_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&signals_, signal);
    ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
    thread_ = std::jthread([this](std::stop_token over) {
        // How often the thread checks whether it should end.
        constexpr timespec patience{0, 100'000'000};
        while (!over.stop_requested())
            if (::sigtimedwait(&signals_, nullptr, &patience) > 0) stop_.request_stop();
    });
}

StopOnSignal::~StopOnSignal() {
    thread_.request_stop();
    thread_.join();
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace mastobak::daemon
