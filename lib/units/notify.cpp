// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/notify.hpp"

#include <systemd/sd-daemon.h>

#include <ctime>

#include "core/text.hpp"

namespace mastobak::units::notify {
namespace {

// A lost notification is not an error: systemd has its own time limits.
void send(const std::string& state) {
    sd_notify(0, state.c_str());
}

std::string monotonic_usec() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::to_string(now.tv_sec * 1'000'000 + now.tv_nsec / 1'000);
}

}  // namespace

void ready() {
    send("READY=1");
}

void status(const std::string& text) {
    send("STATUS=" + readable(text));
}

void reloading() {
    send("RELOADING=1\nMONOTONIC_USEC=" + monotonic_usec());
}

void stopping() {
    send("STOPPING=1");
}

void watchdog() {
    send("WATCHDOG=1");
}

void extend_timeout(std::chrono::microseconds more) {
    send("EXTEND_TIMEOUT_USEC=" + std::to_string(more.count()));
}

std::optional<std::chrono::microseconds> watchdog_interval() {
    std::uint64_t usec = 0;
    if (sd_watchdog_enabled(0, &usec) <= 0) return {};
    return std::chrono::microseconds(usec / 2);
}

}  // namespace mastobak::units::notify
