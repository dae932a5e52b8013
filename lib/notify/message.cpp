// SPDX-License-Identifier: GPL-3.0-or-later
#include "notify/message.hpp"

#include <algorithm>

#include "core/readable.hpp"

namespace mastobak::notify {
namespace {

/// The limit of one variable. execve(2) has one of 128 KiB.
constexpr std::size_t longest_variable = 4096;

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

}  // namespace mastobak::notify
