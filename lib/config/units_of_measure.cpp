// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/units_of_measure.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace mastobak::config {
namespace {

using std::chrono::seconds;

// Ten years are more than any setting needs, and far below the limit of nanoseconds in 64 bits (292
// years).
constexpr seconds longest = std::chrono::hours(24 * 3650);

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

void skip_spaces(std::string_view& text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
}

/// Removes a whole number from the beginning of a text, and returns it.
std::optional<std::int64_t> take_number(std::string_view& text) {
    std::int64_t value = 0;
    if (text.empty() || !is_digit(text.front())) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

/// Removes a unit of time from the beginning of a text, and returns it.
std::optional<seconds> take_unit(std::string_view& text) {
    static constexpr std::array<std::pair<std::string_view, seconds>, 8> units{{
        {"s", seconds(1)},
        {"sec", seconds(1)},
        {"min", std::chrono::minutes(1)},
        {"m", std::chrono::minutes(1)},
        {"h", std::chrono::hours(1)},
        {"hours", std::chrono::hours(1)},
        {"d", std::chrono::hours(24)},
        {"days", std::chrono::hours(24)},
    }};
    std::size_t length = 0;
    while (length < text.size() && text[length] >= 'a' && text[length] <= 'z') ++length;
    const auto word = text.substr(0, length);
    for (const auto& [name, unit] : units) {
        if (word != name) continue;
        text.remove_prefix(length);
        return unit;
    }
    return std::nullopt;
}

}  // namespace

std::optional<seconds> parse_duration(std::string_view text) {
    if (text == "0") return seconds(0);
    if (text.empty()) return std::nullopt;
    seconds sum{0};
    while (!text.empty()) {
        const auto number = take_number(text);
        skip_spaces(text);
        const auto unit = take_unit(text);
        if (!number || !unit || *number > longest / *unit) return std::nullopt;
        sum += *unit * *number;
        if (sum > longest) return std::nullopt;
        skip_spaces(text);
    }
    return sum;
}

std::optional<Bytes> parse_size(std::string_view text) {
    if (text == "0") return Bytes{};
    if (text.empty() || is_digit(text.back())) return std::nullopt;
    return parse_bytes(text);
}

std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text) {
    const auto hour = take_number(text);
    if (!hour || *hour > 23 || text.size() != 3 || text[0] != ':') return std::nullopt;
    text.remove_prefix(1);
    const auto minute = take_number(text);
    if (!minute || *minute > 59 || !text.empty()) return std::nullopt;
    return std::chrono::hours(*hour) + std::chrono::minutes(*minute);
}

}  // namespace mastobak::config
