// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// What a drill needs of cryptography (OpenSSL's): proof that keys fit to what was locked with
/// them. Nothing is encrypted here. Bytes are strings.
namespace mastobak {

enum class KeyHash { sha1, sha256 };

/// PBKDF2-HMAC. Takes its time, as is its purpose.
/// \param size of the key, in bytes
/// Source: RFC 8018, section 5.2
std::string derive_key(std::string_view password, std::string_view salt, int iterations,
                       std::size_t size, KeyHash hash);

/// Decrypts AES-256-GCM, without additional authenticated data.
/// \param tag 16 bytes; a shorter tag is refused, because it proves less
/// \return nullopt when the data was encrypted with another key, or was changed
/// Source: NIST SP 800-38D
std::optional<std::string> decrypt_aes_256_gcm(std::string_view key, std::string_view iv,
                                               std::string_view tag, std::string_view encrypted);

/// Returns whether the two are a pair of keys on curve P-256.
/// \param private_key the number, 32 bytes; fewer when the first ones are zero
/// \param public_key 65 bytes, the uncompressed point
bool is_p256_pair(std::string_view private_key, std::string_view public_key);

}  // namespace mastobak
