// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// The decryption (by OpenSSL) with which a drill proves that the instance's keys match its
/// encrypted data. Nothing is encrypted here. Bytes are passed as strings.
namespace mastobak {

enum class KeyHash { sha1, sha256 };

/// Derives a key from a password by PBKDF2-HMAC, which is slow on purpose.
/// \param size size of the key, in bytes
/// Throws Error{internal} when OpenSSL refuses.
/// Source: RFC 8018, section 5.2
std::string derive_key(std::string_view password, std::string_view salt, int iterations,
                       std::size_t size, KeyHash hash);

/// Decrypts AES-256-GCM, without additional authenticated data.
/// \param tag 16 bytes; a shorter tag is refused, because it proves less
/// \param key 32 bytes
/// \return nullopt when the data was encrypted with another key or was changed, and when a
///         parameter has the wrong size
/// Source: NIST SP 800-38D
std::optional<std::string> decrypt_aes_256_gcm(std::string_view key, std::string_view iv,
                                               std::string_view tag, std::string_view encrypted);

/// Returns whether the two are a pair of keys on curve P-256.
/// \param private_key big-endian number of up to 32 bytes; leading zeros may be missing
/// \param public_key  65 bytes, the uncompressed point
bool is_p256_pair(std::string_view private_key, std::string_view public_key);

}  // namespace mastobak
