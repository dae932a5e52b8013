// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace mastobak {
namespace {

unsigned char byte_at(std::string_view text, std::size_t i) {
    return static_cast<unsigned char>(text[i]);
}

/// U+0000 to U+001F, U+007F, and U+0080 to U+009F, which some terminals interpret as well.
bool is_control(std::string_view character) {
    const unsigned char first = byte_at(character, 0);
    if (character.size() == 1) return first < 0x20 || first == 0x7f;
    return first == 0xc2 && byte_at(character, 1) < 0xa0;
}

/// Characters that change the direction of writing, so that a name looks like another one (U+061C,
/// U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069), the separators of lines and paragraphs
/// (U+2028, U+2029), and invisible characters (U+FEFF, tags from U+E0000).
/// Source: Unicode 15, UAX #9 section 2; UTR #36 section 2.5
bool is_deceptive(std::string_view character) {
    if (character == "\xd8\x9c" || character == "\xef\xbb\xbf") return true;
    if (character.size() == 4) return character.starts_with("\xf3\xa0");
    if (character.size() != 3 || byte_at(character, 0) != 0xe2) return false;
    const int low = (byte_at(character, 1) << 8) | byte_at(character, 2);
    return low == 0x808e || low == 0x808f || (low >= 0x80a8 && low <= 0x80ae) ||
           (low >= 0x81a6 && low <= 0x81a9);
}

/// Returns the optimal string alignment distance. Keeps only three rows of the table.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

}  // namespace

std::size_t utf8_character_size(std::string_view text) {
    if (text.empty()) return 0;
    const unsigned char first = byte_at(text, 0);
    if (first < 0x80) return 1;
    const std::size_t size = first >= 0xc2 && first <= 0xdf   ? 2
                             : first >= 0xe0 && first <= 0xef ? 3
                             : first >= 0xf0 && first <= 0xf4 ? 4
                                                              : 0;
    if (size == 0 || text.size() < size) return 0;
    for (std::size_t i = 1; i < size; ++i)
        if ((byte_at(text, i) & 0xc0) != 0x80) return 0;
    const unsigned char second = byte_at(text, 1);
    const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    const bool surrogate = first == 0xed && second > 0x9f;
    const bool too_large = first == 0xf4 && second > 0x8f;
    return overlong || surrogate || too_large ? 0 : size;
}

std::string readable(std::string_view bytes) {
    std::string text;
    while (!bytes.empty()) {
        const auto size = utf8_character_size(bytes);
        const auto character = bytes.substr(0, size > 0 ? size : 1);
        if (size > 0 && !is_control(character) && !is_deceptive(character))
            text += character;
        else
            for (std::size_t i = 0; i < character.size(); ++i)
                fmt::format_to(std::back_inserter(text), "\\x{:02x}", byte_at(character, i));
        bytes.remove_prefix(character.size());
    }
    return text;
}

std::string counted_text(std::uint64_t count, std::string_view one, std::string_view several) {
    if (count == 1) return fmt::format("1 {}", one);
    return several.empty() ? fmt::format("{} {}s", count, one)
                           : fmt::format("{} {}", count, several);
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
    std::string best;
    auto best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const auto& candidate : candidates) {
        const auto d = distance(word, candidate);
        // Any two words of three letters are at most three edits apart, so short words need a
        // smaller distance.
        if (d >= best_distance || d >= std::max(word.size(), candidate.size()) - 1) continue;
        best = candidate;
        best_distance = d;
    }
    return best;
}

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
