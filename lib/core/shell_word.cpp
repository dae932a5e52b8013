// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/shell_word.hpp"

#include <fmt/format.h>

#include "core/readable.hpp"

namespace mastobak {

std::string shell_word(std::string_view text) {
    constexpr std::string_view harmless =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
    if (!text.empty() && text.find_first_not_of(harmless) == std::string_view::npos)
        return std::string(text);
    if (readable(text) == text && text.find_first_of("`~") == std::string_view::npos) {
        std::string word = "'";
        for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
        return word + "'";
    }
    std::string word = "$'";
    for (const char c : text)
        if (harmless.find(c) != std::string_view::npos)
            word += c;
        else if (c != '\0')  // a word cannot have this character, and it would end the word
            word += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
    return word + "'";
}

}  // namespace mastobak
