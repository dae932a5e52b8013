// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "config/config.hpp"
#include "core/clock.hpp"

namespace mastobak::notify {

using config::NotifyEvent;
using config::NotifyTarget;
using config::NotifyType;

/// Returns the name of an event or a type in the configuration: "unhealthy", "mail".
std::string_view to_string(NotifyEvent event);
std::string_view to_string(NotifyType type);

/// What is sent to a target. All text is one or more lines of readable() characters.
struct Message {
    NotifyEvent event = NotifyEvent::unhealthy;
    Timestamp at;
    std::string host;     ///< name of this host
    bool good = true;     ///< false: a failure, which a monitoring service shows as "down"
    std::string subject;  ///< one line
    std::string body;     ///< lines; may be empty
    std::string log;      ///< the last log lines of the run; for targets with `log` only
    std::string run;      ///< id of the run; empty: the message is not about a run
    int exit_status = 0;  ///< of the run, as `mastobak run` would exit; 0 when it did not fail
    std::optional<std::chrono::milliseconds> took{};  ///< duration of the run
    /// Further variables for a command: "SET" becomes MASTOBAK_SET.
    std::map<std::string, std::string> facts{};

    /// Returns subject and body.
    std::string text() const;
};

/// Returns the variables that a command gets, with their prefix "MASTOBAK_".
std::map<std::string, std::string> variables_of(const Message& message);

/// Returns text that is cut to at most `limit` bytes at a character.
std::string shortened(std::string text, std::size_t limit);

/// Returns whether the target is notified of the event.
bool wants(const NotifyTarget& target, NotifyEvent event);

}  // namespace mastobak::notify
