// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/byte_text.hpp"

#include <fmt/format.h>

namespace mastobak::store {
namespace {

unsigned char byte_at(std::string_view text, std::size_t i) {
    return static_cast<unsigned char>(text[i]);
}

/// How many bytes the well-formed character at the beginning has; 0 if there is none.
/// Source: Unicode 15, table 3-7
std::size_t character_size(std::string_view text) {
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

/// The byte that three octal digits say, if they do.
std::optional<char> octal(std::string_view digits) {
    if (digits.size() < 3) return std::nullopt;
    unsigned value = 0;
    for (const char c : digits.substr(0, 3)) {
        if (c < '0' || c > '7') return std::nullopt;
        value = value * 8 + static_cast<unsigned>(c - '0');
    }
    if (value > 0xff) return std::nullopt;
    return static_cast<char>(value);
}

}  // namespace

std::string to_utf8(std::string_view bytes) {
    std::string text;
    while (!bytes.empty()) {
        const auto size = character_size(bytes);
        if (bytes.front() == '\\')
            text += "\\\\";
        else if (size > 0)
            text += bytes.substr(0, size);
        else
            text += fmt::format("\\{:03o}", byte_at(bytes, 0));
        bytes.remove_prefix(size > 0 ? size : 1);
    }
    return text;
}

std::optional<std::string> from_utf8(std::string_view text) {
    std::string bytes;
    while (!text.empty()) {
        if (text.front() != '\\') {
            bytes += text.front();
            text.remove_prefix(1);
        } else if (text.starts_with("\\\\")) {
            bytes += '\\';
            text.remove_prefix(2);
        } else if (const auto byte = octal(text.substr(1))) {
            bytes += *byte;
            text.remove_prefix(4);
        } else {
            return std::nullopt;
        }
    }
    return bytes;
}

}  // namespace mastobak::store
