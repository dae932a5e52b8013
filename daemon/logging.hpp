// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <spdlog/fwd.h>

#include <memory>
#include <string>
#include <string_view>

namespace mastobak::daemon {

/// The only log: to standard error, which is the journal's under systemd. There each line has its
/// priority in front ("<4>"), so that `journalctl -p warning` works. Each line is readable().
/// Source: sd-daemon(3), "SD_WARNING".
std::shared_ptr<spdlog::logger> make_logger(bool verbose);

/// A value of `key=value` with the words of others in it: in double quotes, with a backslash before
/// each double quote and each backslash.
std::string quoted_value(std::string_view text);

}  // namespace mastobak::daemon
