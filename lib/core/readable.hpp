// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mastobak {

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

}  // namespace mastobak
