// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/signify.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>

#include "core/crypto/encoding.hpp"
#include "core/error.hpp"
#include "core/owned.hpp"

namespace mastobak::signify {
namespace {

constexpr std::string_view comment = "untrusted comment: ";
constexpr std::string_view our_comment = "verify with signing.pub of mastobak";
constexpr std::string_view algorithm = "Ed";
constexpr std::string_view derivation = "BK";  // bcrypt; with 0 rounds there is no passphrase
constexpr std::size_t number_size = 8;
constexpr std::size_t key_size = 32;
constexpr std::size_t signature_size = 64;
constexpr std::size_t checksum_size = 8;
constexpr std::size_t salt_size = 16;

using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using Context = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;

void must(bool ok) {
    if (!ok) throw Error(Errc::internal, "OpenSSL refuses to sign by Ed25519");
}

const unsigned char* data_of(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

template <std::size_t size>
std::string_view text_of(const std::array<std::uint8_t, size>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), size};
}

/// Moves the first bytes of a text to an array.
template <std::size_t size>
void take(std::string_view& from, std::array<std::uint8_t, size>& to) {
    std::copy_n(from.begin(), size, to.begin());
    from.remove_prefix(size);
}

std::array<std::uint8_t, key_size> public_half(const std::array<std::uint8_t, key_size>& seed) {
    const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), key_size));
    std::array<std::uint8_t, key_size> point{};
    auto size = key_size;
    must(key && EVP_PKEY_get_raw_public_key(key.get(), point.data(), &size) == 1);
    return point;
}

std::string checksum_of(std::string_view secret) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    must(EVP_Digest(secret.data(), secret.size(), digest.data(), &size, EVP_sha512(), nullptr) ==
         1);
    return {reinterpret_cast<const char*>(digest.data()), checksum_size};
}

std::string file(std::string_view what, std::string_view line) {
    return fmt::format("{}{}\n{}\n", comment, what, line);
}

/// Decodes the line of base64 in a file. Returns nullopt for another size or algorithm.
std::optional<std::string> bytes_of(std::string_view text, std::size_t size) {
    if (text.size() > largest_file.count) return std::nullopt;
    if (text.starts_with(comment))
        text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    auto bytes = decode_base64(text);
    if (!bytes || bytes->size() != size || !bytes->starts_with(algorithm)) return std::nullopt;
    return bytes;
}

}  // namespace

SecretKey generate() {
    SecretKey key;
    must(RAND_bytes(key.half.number.data(), number_size) == 1 &&
         RAND_priv_bytes(key.seed.data(), key_size) == 1);
    key.half.point = public_half(key.seed);
    return key;
}

std::string to_text(const SecretKey& key) {
    std::string secret(text_of(key.seed));
    secret += text_of(key.half.point);
    std::string bytes(algorithm);
    bytes += derivation;
    bytes.append(4 + salt_size, '\0');
    bytes += checksum_of(secret);
    bytes += text_of(key.half.number);
    bytes += secret;
    return file("mastobak signing key", encode_base64(bytes));
}

std::string to_line(const PublicKey& key) {
    return encode_base64(fmt::format("{}{}{}", algorithm, text_of(key.number), text_of(key.point)));
}

std::string to_text(const PublicKey& key) {
    return file("mastobak public key", to_line(key));
}

std::optional<SecretKey> parse_secret_key(std::string_view text) {
    constexpr auto head = algorithm.size() + derivation.size();
    constexpr auto size = head + 4 + salt_size + checksum_size + number_size + 2 * key_size;
    const auto bytes = bytes_of(text, size);
    if (!bytes) return std::nullopt;
    std::string_view rest(*bytes);
    rest.remove_prefix(algorithm.size());
    if (!rest.starts_with(derivation)) return std::nullopt;
    rest.remove_prefix(derivation.size());
    if (rest.substr(0, 4) != std::string_view("\0\0\0\0", 4)) return std::nullopt;
    rest.remove_prefix(4 + salt_size);
    const auto checksum = rest.substr(0, checksum_size);
    rest.remove_prefix(checksum_size);
    SecretKey key;
    take(rest, key.half.number);
    if (checksum_of(rest) != checksum) return std::nullopt;
    take(rest, key.seed);
    take(rest, key.half.point);
    if (public_half(key.seed) != key.half.point) return std::nullopt;
    return key;
}

std::optional<PublicKey> parse_public_key(std::string_view text) {
    const auto bytes = bytes_of(text, algorithm.size() + number_size + key_size);
    if (!bytes) return std::nullopt;
    auto rest = std::string_view(*bytes).substr(algorithm.size());
    PublicKey key;
    take(rest, key.number);
    take(rest, key.point);
    return key;
}

std::string sign(std::string_view message, const SecretKey& key) {
    const Key secret(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, key.seed.data(), key_size));
    const Context context(EVP_MD_CTX_new());
    std::array<std::uint8_t, signature_size> signature{};
    auto size = signature_size;
    must(secret && context &&
         EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, secret.get()) == 1 &&
         EVP_DigestSign(context.get(), signature.data(), &size, data_of(message), message.size()) ==
             1);
    return file(our_comment,
                encode_base64(fmt::format("{}{}{}", algorithm, text_of(key.half.number),
                                          text_of(signature))));
}

std::optional<KeyNumber> number_of(std::string_view signature) {
    const auto bytes = bytes_of(signature, algorithm.size() + number_size + signature_size);
    if (!bytes) return std::nullopt;
    auto rest = std::string_view(*bytes).substr(algorithm.size());
    KeyNumber number{};
    take(rest, number);
    return number;
}

bool is_as_written(std::string_view signature) {
    const auto bytes = bytes_of(signature, algorithm.size() + number_size + signature_size);
    if (!bytes) return false;
    const auto base64 = encode_base64(*bytes);
    if (signature == file(our_comment, base64)) return true;
    // The comment of signify(1): "verify with NAME.pub"
    constexpr std::string_view begin = "verify with ", end = ".pub";
    auto name = signature.substr(0, signature.find('\n'));
    if (!name.starts_with(comment)) return false;
    name.remove_prefix(comment.size());
    const auto line = name;
    if (!name.starts_with(begin) || !name.ends_with(end)) return false;
    name.remove_prefix(begin.size());
    return name.find(' ') == std::string_view::npos && signature == file(line, base64);
}

bool is_signed(std::string_view message, std::string_view signature,
               std::span<const PublicKey> keys) {
    const auto bytes = bytes_of(signature, algorithm.size() + number_size + signature_size);
    if (!bytes) return false;
    auto rest = std::string_view(*bytes).substr(algorithm.size());
    KeyNumber number{};
    take(rest, number);
    return std::ranges::any_of(keys, [&](const PublicKey& known) {
        if (known.number != number) return false;
        const Key key(
            EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, known.point.data(), key_size));
        const Context context(EVP_MD_CTX_new());
        return key && context &&
               EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
               EVP_DigestVerify(context.get(), data_of(rest), rest.size(), data_of(message),
                                message.size()) == 1;
    });
}

}  // namespace mastobak::signify
