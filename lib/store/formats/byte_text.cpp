// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/formats/byte_text.hpp"

#include <fmt/format.h>

#include "core/text.hpp"

namespace mastobak::store {
namespace {

/// Parses three octal digits as a byte. Returns nullopt for other characters.
std::optional<std::uint8_t> octal(std::string_view digits) {
    if (digits.size() < 3) return std::nullopt;
    return parse_number<std::uint8_t>(digits.substr(0, 3), 8);
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
            bytes += static_cast<char>(*byte);
            text.remove_prefix(4);
        } else {
            return std::nullopt;
        }
    }
    return bytes;
}

}  // namespace mastobak::store
