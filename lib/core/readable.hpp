// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mastobak {

/// How many bytes the well-formed UTF-8 character at the beginning of the text has; 0 if there is
/// none. Source: Unicode 15, table 3-7
std::size_t utf8_character_size(std::string_view text);

/// Bytes as a person, the journal, a terminal and JSON can take them: line breaks and other control
/// characters, those that turn the direction of writing round or are not seen, and bytes that are
/// not UTF-8, become "\x0a"; all else stays. File names are any
/// bytes: each that gets into a warning or an error goes through this. Not reversible (a backslash
/// stays), and nothing happens to what it has made already.
std::string readable(std::string_view bytes);

/// "1 file", "2 files", "0 files".
/// \param several where that is not `one` with an s: "entries"
std::string counted_text(std::uint64_t count, std::string_view one, std::string_view several);

template <std::integral Count>
std::string counted(Count count, std::string_view one, std::string_view several = {}) {
    return counted_text(static_cast<std::uint64_t>(count), one, several);
}

}  // namespace mastobak
