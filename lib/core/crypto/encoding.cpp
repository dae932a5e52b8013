// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/encoding.hpp"

#include <openssl/evp.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "core/error.hpp"

namespace mastobak {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

/// Without branches: the index of the media has a digest in each of its millions of lines.
constexpr auto nibbles = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(255);
    for (std::uint8_t i = 0; i < 16; ++i) values[static_cast<std::uint8_t>(hex_digits[i])] = i;
    return values;
}();

unsigned nibble(char c) {
    return nibbles[static_cast<std::uint8_t>(c)];
}

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

std::string to_hex(std::span<const std::uint8_t> bytes) {
    std::string text;
    text.reserve(2 * bytes.size());
    for (const auto byte : bytes) {
        text += hex_digits[byte >> 4];
        text += hex_digits[byte & 15];
    }
    return text;
}

bool read_hex(std::string_view hex, std::span<std::uint8_t> bytes) {
    if (hex.size() != 2 * bytes.size()) return false;
    unsigned all = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto high = nibble(hex[2 * i]);
        const auto low = nibble(hex[2 * i + 1]);
        all |= high | low;
        bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return all <= 15;
}

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (::getrandom(bytes.data(), count, 0) != static_cast<ssize_t>(count))
        throw errno_error(Errc::environment, "get random bytes", errno);
    return bytes;
}

std::string random_hex(std::size_t count) {
    const auto bytes = random_bytes(count);
    return to_hex(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), count));
}

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
