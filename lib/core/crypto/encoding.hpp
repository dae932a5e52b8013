// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mastobak {

/// Returns bytes as lower-case hexadecimal digits, two for each byte.
std::string to_hex(std::span<const std::uint8_t> bytes);
/// Reads as many bytes as the span has. Returns false for any text that to_hex() does not write.
bool read_hex(std::string_view hex, std::span<std::uint8_t> bytes);

/// Does the same for a digest or a key, whose member `bytes` has the bytes.
template <typename Value>
requires requires(const Value& value) {
    value.bytes;
}
std::string to_hex(const Value& value) {
    return to_hex(std::span<const std::uint8_t>(value.bytes));
}

/// Reverses to_hex(). Returns nullopt for any other text.
template <typename Value>
std::optional<Value> parse_hex(std::string_view hex) {
    Value value;
    return read_hex(hex, value.bytes) ? std::optional(value) : std::nullopt;
}

/// Returns that many random bytes for keys and passwords.
/// Throws Error{environment} when the kernel has none.
/// Source: getrandom(2), which always returns up to 256 bytes in one call
std::string random_bytes(std::size_t count);

/// Returns random bytes as hexadecimal digits, two for each byte. Throws as random_bytes() does.
std::string random_hex(std::size_t count);

/// Decodes base64, with '+' and '/' or with '-' and '_'; the '=' at the end may be missing.
/// Returns nullopt when the text is not base64.
/// Source: RFC 4648, sections 4 and 5
std::optional<std::string> decode_base64(std::string_view text);

/// Returns base64 with '+', '/' and '=', in one line.
std::string encode_base64(std::string_view bytes);

}  // namespace mastobak
