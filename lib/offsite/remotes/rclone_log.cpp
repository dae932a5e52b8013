// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/remotes/rclone_log.hpp"

#include <cstdint>

#include "core/json.hpp"
#include "offsite/hints.hpp"

namespace mastobak::offsite {
namespace {

using json = Json;

/// The limit for collected messages. core/process limits the length of a line, but the remote
/// determines the number of lines.
constexpr std::size_t most_words = std::size_t{16} << 10;

// "2026/11/22 23:49:09 Failed to …"
std::string_view without_date(std::string_view line) {
    constexpr std::size_t date = sizeof "2026/11/22 23:49:09 " - 1;
    const bool dated =
        line.size() > date && line[4] == '/' && line[7] == '/' && line[date - 1] == ' ';
    return dated ? line.substr(date) : line;
}

// "Failed to lsjson with 2 errors: last error was: error in ListJSON: directory not found"
std::string_view without_preamble(std::string_view words) {
    constexpr std::string_view preamble = "last error was: ";
    const auto at = words.find(preamble);
    return at == std::string_view::npos ? words : words.substr(at + preamble.size());
}

}  // namespace

void RcloneLog::take(std::string_view line) {
    const auto entry = json::parse(line, nullptr, false);
    if (!entry.is_object()) {
        const auto words = without_date(line);
        // Only the first line of a message has a date; it replaces the previous message.
        if (words.size() != line.size()) last_words_.clear();
        if (last_words_.size() < most_words) last_words_.append(words).append(" ");
        return;
    }
    const auto level = entry.value("level", json());
    const auto text = entry.value("msg", json());
    if (level.is_string() && text.is_string() && level != "info" && level != "debug" &&
        level != "notice" && level != "warning")
        last_error_ = text.get<std::string>();
    if (first_error_.empty()) first_error_ = last_error_;
    const auto stats = entry.find("stats");
    if (stats == entry.end() || !stats->is_object() || !on_sent_) return;
    if (const auto bytes = stats->value("bytes", json()); bytes.is_number_unsigned())
        on_sent_({bytes.get<std::uint64_t>()});
}

std::string RcloneLog::failure() const {
    const auto words = without_preamble(last_words_.empty() ? last_error_ : last_words_);
    // After the failed removal of several objects, the last message has only their number; the
    // first error has the reason.
    const bool counts = words.starts_with("failed to delete ") && !first_error_.empty();
    return one_line(counts ? first_error_ : words);
}

}  // namespace mastobak::offsite
