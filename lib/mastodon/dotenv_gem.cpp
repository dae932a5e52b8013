// SPDX-License-Identifier: GPL-3.0-or-later
#include "mastodon/dotenv_gem.hpp"

#include <charconv>

namespace mastobak::mastodon {

std::optional<unsigned> gem_of_lock(std::string_view text) {
    constexpr std::string_view mark = "\n    dotenv (";
    const auto at = text.find(mark);
    if (at == text.npos) return std::nullopt;
    text.remove_prefix(at + mark.size());
    unsigned major = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), major);
    if (error != std::errc() || end == text.data() + text.size() || *end != '.')
        return std::nullopt;
    return major;
}

}  // namespace mastobak::mastodon
