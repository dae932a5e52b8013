// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>

/// Notifications to systemd by sd_notify(3). They have no effect when systemd does not listen
/// (NOTIFY_SOCKET is not set).
namespace mastobak::units::notify {

void ready();
/// Sends STATUS= as one line; line breaks become spaces.
void status(const std::string& text);
/// Sends RELOADING=1 with MONOTONIC_USEC, as Type=notify-reload requires; ready() ends it.
void reloading();
void stopping();
void watchdog();
/// Sends EXTEND_TIMEOUT_USEC: how long systemd waits from now on before it kills our unit.
void extend_timeout(std::chrono::microseconds more);
/// Returns how often watchdog() has to be called (half of WATCHDOG_USEC); empty if never.
std::optional<std::chrono::microseconds> watchdog_interval();

}  // namespace mastobak::units::notify
