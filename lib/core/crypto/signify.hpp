// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/bytes.hpp"

/// Ed25519 signatures in the files of signify(1), so that a person can check them without us:
/// `signify-openbsd -V -p KEY.pub -m FILE`. Each file is a line of comment that is not trusted, and
/// a line of base64.
/// Source: signify.c of OpenBSD; RFC 8032
namespace mastobak::signify {

/// No file of these formats is larger; what is larger is refused before it is read.
constexpr Bytes largest_file{1024};

/// Chosen at random with a pair of keys: says which key a signature was made with.
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

/// A new pair of keys.
SecretKey generate();

/// The text of the file `signing.key`, without a passphrase: signify(1) signs with it.
std::string to_text(const SecretKey& key);
/// The text of the file `signing.pub`.
std::string to_text(const PublicKey& key);
/// The line of base64 in that file: a key as a person writes it down.
std::string to_line(const PublicKey& key);

/// Returns nullopt when the text is not a secret key without a passphrase, or its parts do not
/// match.
std::optional<SecretKey> parse_secret_key(std::string_view text);
/// \param text of a file, or its line of base64 alone
/// Returns nullopt for any other text.
std::optional<PublicKey> parse_public_key(std::string_view text);

/// The text of the file `FILE.sig`.
std::string sign(std::string_view message, const SecretKey& key);

/// Returns the number of the key that a signature claims; nullopt when the text is not a signature.
std::optional<KeyNumber> number_of(std::string_view signature);
/// Whether the text of a signature is as mastobak or signify(1) writes it, to the byte. A line of
/// comment that was changed, and what was appended, make no difference to is_signed().
bool is_as_written(std::string_view signature);

/// Whether one of the keys signed that message. Hostile input is false, never an error.
/// \param signature text of the file `FILE.sig`
bool is_signed(std::string_view message, std::string_view signature,
               std::span<const PublicKey> keys);

}  // namespace mastobak::signify
