// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "notify/message.hpp"

namespace mastobak::notify {

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
