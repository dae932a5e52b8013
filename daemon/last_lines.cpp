// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/last_lines.hpp"

#include "core/readable.hpp"

namespace mastobak::daemon {
namespace {

constexpr std::size_t most_lines = 200;

}  // namespace

std::string LastLines::with(std::string_view part) {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const auto& line : lines_)
        if (line.find(part) != line.npos) text += line + "\n";
    return text;
}

void LastLines::sink_it_(const spdlog::details::log_msg& message) {
    if (message.level < spdlog::level::info) return;
    lines_.push_back(readable({message.payload.data(), message.payload.size()}));
    if (lines_.size() > most_lines) lines_.pop_front();
}

}  // namespace mastobak::daemon
