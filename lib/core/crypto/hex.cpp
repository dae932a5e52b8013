// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/hex.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>

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

}  // namespace mastobak
