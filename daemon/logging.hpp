// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <spdlog/fwd.h>

#include <memory>
#include <string>
#include <string_view>

namespace mastobak::daemon {

/// Creates the only logger of the program. It writes to standard error, which under systemd goes to
/// the journal. There, each line begins with its priority ("<4>"), so that `journalctl -p warning`
/// works. Each line is made readable().
/// Source: sd-daemon(3), "SD_WARNING".
std::shared_ptr<spdlog::logger> make_logger(bool verbose);

/// The last lines of a log, for notifications.
class LastLines {
 public:
    virtual ~LastLines() = default;
    /// Returns those of the last 200 lines that contain a text, made readable(), each with its line
    /// feed. May be called from any thread.
    virtual std::string with(std::string_view part) = 0;
};

/// Makes a logger remember its last lines, from the level info on.
std::shared_ptr<LastLines> remember_lines(spdlog::logger& log);

/// Quotes text from outside for a `key=value` line: puts it in double quotes, with a backslash
/// before each double quote and each backslash.
std::string quoted_value(std::string_view text);

}  // namespace mastobak::daemon
