// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>

/// sd_notify(3): nothing happens where systemd does not listen (NOTIFY_SOCKET is not set).
namespace mastobak::units::notify {

void ready();
/// One line; line breaks become spaces.
void status(const std::string& text);
/// RELOADING=1 with MONOTONIC_USEC, as Type=notify-reload asks for; ready() ends it.
void reloading();
void stopping();
void watchdog();
/// EXTEND_TIMEOUT_USEC: how long systemd is to wait from now on before it kills us.
void extend_timeout(std::chrono::microseconds more);
/// How often watchdog() has to be called (half of WATCHDOG_USEC); nothing if never.
std::optional<std::chrono::microseconds> watchdog_interval();

}  // namespace mastobak::units::notify
