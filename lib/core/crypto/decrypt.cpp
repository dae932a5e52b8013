// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/decrypt.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include "core/error.hpp"
#include "core/owned.hpp"

namespace mastobak {
namespace {

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}
int size_of(std::string_view text) {
    return static_cast<int>(text.size());
}

/// The limit of a text, because OpenSSL takes sizes as int.
constexpr std::size_t largest_text = std::size_t{1} << 30;

}  // namespace

std::string derive_key(std::string_view password, std::string_view salt, int iterations,
                       std::size_t size, KeyHash hash) {
    const auto* digest = hash == KeyHash::sha1 ? EVP_sha1() : EVP_sha256();
    std::string key(size, '\0');
    if (PKCS5_PBKDF2_HMAC(password.data(), size_of(password), bytes_of(salt), size_of(salt),
                          iterations, digest, static_cast<int>(size), bytes_of(key)) != 1)
        throw Error(Errc::internal, "OpenSSL refuses to derive a key");
    return key;
}

std::optional<std::string> decrypt_aes_256_gcm(std::string_view key, std::string_view iv,
                                               std::string_view tag, std::string_view encrypted) {
    if (key.size() != 32 || iv.empty() || iv.size() > 128 || tag.size() != 16 ||
        encrypted.size() > largest_text)
        return std::nullopt;
    const Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> context(EVP_CIPHER_CTX_new());
    auto* const c = context.get();
    std::string expected(tag);
    std::string text(encrypted.size(), '\0');
    std::string rest(16, '\0');  // GCM writes nothing here
    int written = 0;
    const bool good =
        EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), nullptr, nullptr, nullptr) == 1 &&
        EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_IVLEN, size_of(iv), nullptr) == 1 &&
        EVP_DecryptInit_ex(c, nullptr, nullptr, bytes_of(key), bytes_of(iv)) == 1 &&
        EVP_DecryptUpdate(c, bytes_of(text), &written, bytes_of(encrypted), size_of(encrypted)) ==
            1 &&
        EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, size_of(expected), expected.data()) == 1 &&
        EVP_DecryptFinal_ex(c, bytes_of(rest), &written) == 1;
    if (!good) return std::nullopt;
    return text;
}

bool is_p256_pair(std::string_view private_key, std::string_view public_key) {
    if (private_key.empty() || private_key.size() > 32 || public_key.size() != 65) return false;
    const Owned<EC_GROUP, EC_GROUP_free> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    const Owned<BIGNUM, BN_clear_free> number(
        BN_bin2bn(bytes_of(private_key), size_of(private_key), nullptr));
    const Owned<EC_POINT, EC_POINT_free> point(EC_POINT_new(group.get()));
    if (!number || !point || BN_is_zero(number.get()) ||
        BN_cmp(number.get(), EC_GROUP_get0_order(group.get())) >= 0 ||
        EC_POINT_mul(group.get(), point.get(), number.get(), nullptr, nullptr, nullptr) != 1)
        return false;
    std::string expected(65, '\0');
    return EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                              bytes_of(expected), expected.size(), nullptr) == expected.size() &&
           expected == public_key;
}

}  // namespace mastobak
