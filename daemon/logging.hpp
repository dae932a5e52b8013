// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <spdlog/fwd.h>

#include <memory>

namespace mastobak::daemon {

/// The only log: to standard error, which is the journal's under systemd. There each line has its
/// priority in front ("<4>"), so that `journalctl -p warning` works.
/// Source: sd-daemon(3), "SD_WARNING".
std::shared_ptr<spdlog::logger> make_logger(bool verbose);

}  // namespace mastobak::daemon
