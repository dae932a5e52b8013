// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/formats/byte_text.hpp"

#include <fmt/format.h>

#include "core/readable.hpp"

namespace mastobak::store {
namespace {

/// Parses three octal digits as a byte. Returns nullopt for other characters.
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
        const auto size = utf8_character_size(bytes);
        if (bytes.front() == '\\')
            text += "\\\\";
        else if (size > 0)
            text += bytes.substr(0, size);
        else
            text += fmt::format("\\{:03o}", static_cast<unsigned char>(bytes.front()));
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
