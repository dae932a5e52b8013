// SPDX-License-Identifier: GPL-3.0-or-later
#include "notify/health_news.hpp"

#include <algorithm>

#include "core/contains.hpp"

namespace mastobak::notify {
namespace {

constexpr auto reminder_after = std::chrono::hours(24);

}  // namespace

std::optional<HealthNews> health_news(Told& told, const std::vector<Reason>& reasons, bool may_heal,
                                      Timestamp now) {
    if (told.at > std::optional(now)) told.at = now;  // the clock was set back
    const auto is_new = [&](const Reason& reason) { return !contains(told.keys, reason.key); };
    const bool any_new = std::ranges::any_of(reasons, is_new);
    const bool was_healthy = told.keys.empty();
    if (reasons.empty()) {
        if (was_healthy || !may_heal) return std::nullopt;
        told = {{}, now};
        return HealthNews{.event = NotifyEvent::recovery};
    }
    HealthNews news{.reminder = !any_new, .reasons = reasons};
    std::stable_partition(news.reasons.begin(), news.reasons.end(), is_new);
    // A reason that disappears while others last needs no message, but one when it comes back.
    if (may_heal)
        std::erase_if(told.keys, [&](const auto& key) {
            return std::ranges::none_of(reasons, [&](const auto& r) { return r.key == key; });
        });
    if (!any_new && told.at && now - *told.at < reminder_after) return std::nullopt;
    for (const auto& reason : reasons)
        if (!contains(told.keys, reason.key)) told.keys.push_back(reason.key);
    told.at = now;
    return news;
}

}  // namespace mastobak::notify
