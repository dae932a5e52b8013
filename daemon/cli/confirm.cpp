// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/confirm.hpp"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "core/error.hpp"
#include "daemon/cli/output.hpp"

namespace mastobak::daemon {
namespace {

void ask(const std::string& question) {
    say_error("{} ", question);
    std::fflush(stderr);
}

/// Reads a line from the terminal, with its line feed. A longer line is cut.
std::string answer(const std::stop_token& stop) {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    // The thread that receives signals only requests a stop, which does not interrupt read(2).
    while (::poll(&input, 1, 100) == 0 || (input.revents == 0 && errno == EINTR))
        if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
    std::array<char, 1024> line{};
    const auto n = ::read(STDIN_FILENO, line.data(), line.size());
    return {line.data(), static_cast<std::size_t>(std::max<ssize_t>(0, n))};
}

/// Turns the terminal's echo off; the destructor turns it on again.
class WithoutEcho {
 public:
    WithoutEcho() : changed_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (!changed_) return;
        auto now = before_;
        now.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &now);
    }
    ~WithoutEcho() {
        if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    WithoutEcho(const WithoutEcho&) = delete;
    WithoutEcho& operator=(const WithoutEcho&) = delete;

 private:
    termios before_{};
    bool changed_;
};

}  // namespace

bool can_ask() {
    return ::isatty(STDIN_FILENO) == 1;
}

bool confirmed(const std::string& question, const std::stop_token& stop) {
    ask(question + " [y/N]");
    const auto line = answer(stop);
    return line.starts_with('y') || line.starts_with('Y');
}

bool not_refused(const std::string& question, const std::stop_token& stop) {
    ask(question + " [Y/n]");
    const auto line = answer(stop);
    return !line.starts_with('n') && !line.starts_with('N');
}

std::string answer_to(const std::string& question, const std::stop_token& stop) {
    ask(question);
    const auto line = answer(stop);
    const auto first = line.find_first_not_of(" \t\n");
    if (first == std::string::npos) return {};
    return line.substr(first, line.find_last_not_of(" \t\r\n") - first + 1);
}

std::string secret(const std::string& question, const std::stop_token& stop) {
    std::string line;
    {
        const WithoutEcho quiet;
        ask(question);
        line = answer(stop);
    }
    say_error("\n");
    return line.substr(0, line.find('\n'));
}

}  // namespace mastobak::daemon
