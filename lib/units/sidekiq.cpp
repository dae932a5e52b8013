// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/sidekiq.hpp"

#include <charconv>

namespace mastobak::units {

std::optional<SidekiqState> parse_sidekiq_title(std::string_view line) {
    constexpr std::string_view quotes = "\"'$";
    while (!line.empty() && quotes.find(line.front()) != line.npos) line.remove_prefix(1);
    if (!line.starts_with("sidekiq ")) return std::nullopt;
    const auto open = line.find('[');
    const auto close = line.find(" busy]");
    if (open == line.npos || close == line.npos || close < open) return std::nullopt;
    SidekiqState state;
    const auto numbers = line.substr(open + 1, close - open - 1);
    const auto* end = numbers.data() + numbers.size();
    const auto [after, error] = std::from_chars(numbers.data(), end, state.busy);
    if (error != std::errc() || after == numbers.data()) return std::nullopt;
    state.quiet = line.substr(close).find(" stopping") != line.npos;
    return state;
}

}  // namespace mastobak::units
