// SPDX-License-Identifier: GPL-3.0-or-later
#include "notify/message.hpp"

#include <algorithm>

#include "core/contains.hpp"
#include "core/text.hpp"

namespace mastobak::notify {
namespace {

/// The limit of one variable. execve(2) has one of 128 KiB.
constexpr std::size_t longest_variable = 4096;

constexpr auto reminder_after = std::chrono::hours(24);

}  // namespace

std::string_view to_string(NotifyEvent event) {
    return config::notify_event_names.at(static_cast<std::size_t>(event));
}

std::string_view to_string(NotifyType type) {
    return config::notify_type_names.at(static_cast<std::size_t>(type));
}

std::string Message::text() const {
    return subject + "\n" + (body.empty() ? "" : "\n" + body);
}

std::map<std::string, std::string> variables_of(const Message& message) {
    std::map<std::string, std::string> variables;
    const auto add = [&](const std::string& name, const std::string& value) {
        variables["MASTOBAK_" + name] = shortened(readable(value), longest_variable);
    };
    for (const auto& [name, value] : message.facts) add(name, value);
    add("EVENT", std::string(to_string(message.event)));
    add("HOST", message.host);
    add("SUBJECT", message.subject);
    add("RESULT", message.good ? "success" : "failure");
    if (!message.run.empty()) add("RUN", message.run);
    if (message.exit_status != 0) add("EXIT_STATUS", std::to_string(message.exit_status));
    return variables;
}

std::string shortened(std::string text, std::size_t limit) {
    if (text.size() <= limit) return text;
    // Bytes 10xxxxxx continue a character.
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0) == 0x80) --limit;
    text.resize(limit);
    return text;
}

bool wants(const NotifyTarget& target, NotifyEvent event) {
    return std::ranges::find(target.on, event) != target.on.end();
}

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
