// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// Why a person is needed.
struct Reason {
    std::string key;   ///< the same as long as the cause is: "offsite b2"
    std::string text;  ///< one line, whose numbers may change
    bool operator==(const Reason&) const = default;
};

/// What a target knows of this host's health.
struct Told {
    std::vector<std::string> keys{};  ///< of the reasons; none: healthy
    std::optional<Timestamp> at{};    ///< when the last message was sent; nullopt: never
};

/// A change of health, or a reminder.
struct HealthNews {
    NotifyEvent event = NotifyEvent::unhealthy;  ///< or recovery
    bool reminder = false;                       ///< all reasons were sent before
    std::vector<Reason> reasons{};               ///< new ones first
};

/// Decides whether a target has to be notified of this host's health: of each new reason, once a
/// day while a reason lasts, and of recovery. Pure.
/// \param told     is updated
/// \param reasons  the reasons now; none: healthy
/// \param may_heal false while a run is in progress, because it hides the failure of the last one:
///                 what a target knows is then still true
/// \return nullopt: no message
std::optional<HealthNews> health_news(Told& told, const std::vector<Reason>& reasons, bool may_heal,
                                      Timestamp now);

}  // namespace mastobak::notify
