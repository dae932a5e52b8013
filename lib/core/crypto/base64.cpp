// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/base64.hpp"

#include <openssl/evp.h>

#include <cstdint>

namespace mastobak {
namespace {

/// Returns the six bits of a digit; nullopt for another character.
std::optional<std::uint32_t> digit(char c) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (c == '-') c = '+';
    if (c == '_') c = '/';
    const auto at = digits.find(c);
    if (at == digits.npos) return std::nullopt;
    return static_cast<std::uint32_t>(at);
}

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() % 4 == 0)
        for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    if (text.size() % 4 == 1) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t waiting = 0;
    unsigned bits = 0;
    for (const char c : text) {
        const auto value = digit(c);
        if (!value) return std::nullopt;
        waiting = (waiting << 6 | *value) & 0xffff;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes += static_cast<char>(waiting >> bits & 0xff);
    }
    return bytes;
}

std::string encode_base64(std::string_view bytes) {
    // EVP_EncodeBlock writes a NUL after the text, where a string has one anyway.
    std::string text((bytes.size() + 2) / 3 * 4, '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                    reinterpret_cast<const unsigned char*>(bytes.data()),
                    static_cast<int>(bytes.size()));
    return text;
}

}  // namespace mastobak
