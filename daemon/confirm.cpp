// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/confirm.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "core/error.hpp"
#include "daemon/output.hpp"

namespace mastobak::daemon {

bool can_ask() {
    return ::isatty(STDIN_FILENO) == 1;
}

bool confirmed(const std::string& question, const std::stop_token& stop) {
    say_error("{} [y/N] ", question);
    std::fflush(stderr);
    pollfd input{STDIN_FILENO, POLLIN, 0};
    // The signals' thread only requests a stop: it interrupts no read(2).
    while (::poll(&input, 1, 100) == 0 || (input.revents == 0 && errno == EINTR))
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
    std::array<char, 256> line{};
    const auto n = ::read(STDIN_FILENO, line.data(), line.size());
    return n > 0 && (line[0] == 'y' || line[0] == 'Y');
}

}  // namespace mastobak::daemon
