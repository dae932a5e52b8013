// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/names.hpp"

#include <algorithm>

namespace mastobak::postgres {
namespace {

std::string enclosed(std::string_view text, char quote) {
    std::string result(1, quote);
    for (const char c : text) {
        if (c == quote) result += quote;
        result += c;
    }
    return result + quote;
}

}  // namespace

std::string sql_name(std::string_view identifier) {
    return enclosed(identifier, '"');
}

std::string sql_text(std::string_view value) {
    // In '', the meaning of a backslash depends on standard_conforming_strings; in E'' it does not.
    std::string doubled;
    for (const char c : value) doubled.append(c == '\\' ? 2 : 1, c);
    return (doubled.size() == value.size() ? "" : " E") + enclosed(doubled, '\'');
}

std::string suffixed(std::string_view name, std::string_view suffix) {
    constexpr std::size_t longest = 63;
    auto room = std::min(name.size(), longest - std::min(longest, suffix.size() + 1));
    // Do not cut in the middle of a UTF-8 character.
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; };
    while (room > 0 && room < name.size() && continues(name[room])) --room;
    return std::string(name.substr(0, room)) + "_" + std::string(suffix);
}

}  // namespace mastobak::postgres
