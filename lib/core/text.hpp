// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mastobak {

/// Returns the number that a whole text is; nullopt for any other text, such as one with a blank,
/// and for a number that the type cannot hold.
template <std::integral Number>
std::optional<Number> parse_number(std::string_view text, int base = 10) {
    Number number{};
    const auto* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number, base);
    return error == std::errc() && stopped == end ? std::optional(number) : std::nullopt;
}

/// Returns the number at the beginning of a text; 0 when there is none.
template <typename Number>
Number leading_number(std::string_view text, int base = 10) {
    Number number{};
    std::from_chars(text.data(), text.data() + text.size(), number, base);
    return number;
}

/// Returns the parts of a text between separators, one more than it has separators.
inline std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + separator.size());
    }
}

/// Returns the first names of a list, and how many more it has: "a, b and 3 more".
inline std::string first_names(const std::vector<std::string>& names, std::size_t most = 5) {
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < most; ++i)
        text += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > most) text += fmt::format(" and {} more", names.size() - most);
    return text;
}

/// Returns the number of bytes of the UTF-8 character at the beginning of a text; 0 when the text
/// does not begin with a well-formed character.
/// Source: Unicode 15, table 3-7
std::size_t utf8_character_size(std::string_view text);

/// Returns bytes as a text that is safe for a terminal, the journal and JSON. These become escapes
/// like "\x0a": control characters with line breaks, characters that change the direction of
/// writing or are invisible, and bytes that are not UTF-8. All other characters stay.
///
/// Every file name in a warning or an error has to pass through this, because it may have any
/// bytes. The result cannot be reversed, because a backslash stays. A second call changes nothing.
std::string readable(std::string_view bytes);

/// Returns a number with its noun: "1 file", "2 files", "0 files".
/// \param several the plural, if it is not `one` with an s: "entries"
std::string counted_text(std::uint64_t count, std::string_view one, std::string_view several);

template <std::integral Count>
std::string counted(Count count, std::string_view one, std::string_view several = {}) {
    return counted_text(static_cast<std::uint64_t>(count), one, several);
}

/// Returns the candidate with the smallest edit distance (a character inserted, removed, replaced,
/// or swapped with its neighbour); empty when no candidate is similar enough.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// Quotes any text as one word for bash, on one line. Text that is not readable() is escaped in
/// ASCII, so that it cannot end a line or a fence of Markdown. For commands in RESTORE.md and in
/// hints, which a person copies.
/// Source: bash(1), QUOTING, "$'string'"
std::string shell_word(std::string_view text);

}  // namespace mastobak
