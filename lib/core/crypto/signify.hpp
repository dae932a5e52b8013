// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/bytes.hpp"

/// Ed25519 signatures in the file formats of signify(1), so that a person can check them without
/// mastobak: `signify-openbsd -V -p KEY.pub -m FILE`. Each file has a line with an untrusted
/// comment and a line of base64. Functions that make keys or signatures throw Error{internal} when
/// OpenSSL refuses.
/// Source: signify.c of OpenBSD; RFC 8032
namespace mastobak::signify {

/// The size limit of a file in these formats. A larger text is not a key or signature, and callers
/// do not read a larger file.
constexpr Bytes largest_file{1024};

/// The random number of a pair of keys. A signature has the number of its key.
using KeyNumber = std::array<std::uint8_t, 8>;

struct PublicKey {
    KeyNumber number{};
    std::array<std::uint8_t, 32> point{};

    bool operator==(const PublicKey&) const = default;
};

struct SecretKey {
    PublicKey half;  ///< the public half
    std::array<std::uint8_t, 32> seed{};
};

/// Returns a new random pair of keys.
SecretKey generate();

/// Returns the text of the file `signing.key`, without a passphrase. signify(1) can sign with it.
std::string to_text(const SecretKey& key);
/// Returns the text of the file `signing.pub`.
std::string to_text(const PublicKey& key);
/// Returns the line of base64 in that file: the form in which a person writes a key down.
std::string to_line(const PublicKey& key);

/// Returns nullopt when the text is not a secret key without a passphrase, or its parts do not
/// match.
std::optional<SecretKey> parse_secret_key(std::string_view text);
/// \param text text of the file `signing.pub`, or only its line of base64
/// Returns nullopt for any other text.
std::optional<PublicKey> parse_public_key(std::string_view text);

/// Signs a message. Returns the text of the file `FILE.sig`.
std::string sign(std::string_view message, const SecretKey& key);

/// Returns the number of the key that a signature claims; nullopt when the text is not a signature.
std::optional<KeyNumber> number_of(std::string_view signature);
/// Returns whether the text of a signature is exactly as mastobak or signify(1) writes it. Unlike
/// is_signed(), this detects a changed comment and appended line breaks.
bool is_as_written(std::string_view signature);

/// Returns whether one of the keys signed the message. Returns false for any malformed signature;
/// never throws.
/// \param signature text of the file `FILE.sig`
bool is_signed(std::string_view message, std::string_view signature,
               std::span<const PublicKey> keys);

}  // namespace mastobak::signify
