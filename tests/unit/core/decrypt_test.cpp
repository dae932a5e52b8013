// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/decrypt.hpp"

#include "core/crypto/encoding.hpp"
#include "support/catch.hpp"

using namespace mastobak;

namespace {

std::string hex(std::string_view digits) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
    return bytes;
}

}  // namespace

TEST_CASE("base64 is read in both of its alphabets, with and without padding") {
    CHECK(decode_base64("") == "");
    CHECK(decode_base64("Zg==") == "f");
    CHECK(decode_base64("Zg") == "f");
    CHECK(decode_base64("Zm9vYmE=") == "fooba");
    CHECK(decode_base64("Zm9vYmFy") == "foobar");
    CHECK(decode_base64("+/+/") == decode_base64("-_-_"));
    CHECK(decode_base64("+/+/") == "\xfb\xff\xbf");
    for (const auto* none : {"Z", "Zm9vY", "Zg=", "Z===", "====", "Zm9v\n", "Zm 9", "Z=g="}) {
        CAPTURE(none);
        CHECK_FALSE(decode_base64(none));
    }
}

TEST_CASE("keys are derived as PBKDF2 says") {
    // RFC 6070 (SHA-1), RFC 7914, section 11 (SHA-256).
    CHECK(derive_key("password", "salt", 4096, 20, KeyHash::sha1) ==
          hex("4b007901b765489abead49d926f721d065a429c1"));
    CHECK(derive_key("passwd", "salt", 1, 64, KeyHash::sha256) ==
          hex("55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
              "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"));
}

TEST_CASE("AES-256-GCM gives what was encrypted, and nothing of what was changed") {
    // The GCM specification by McGrew and Viega, appendix B, test case 14.
    const std::string key(32, '\0'), iv(12, '\0');
    const auto text = hex("cea7403d4d606b6e074ec5d3baf39d18");
    const auto tag = hex("d0d1c8a799996bf0265b98b5d48ab919");
    CHECK(decrypt_aes_256_gcm(key, iv, tag, text) == std::string(16, '\0'));
    auto changed = text;
    changed[3] ^= 1;
    CHECK_FALSE(decrypt_aes_256_gcm(key, iv, tag, changed));
    CHECK_FALSE(decrypt_aes_256_gcm(std::string(32, '\1'), iv, tag, text));
    CHECK_FALSE(decrypt_aes_256_gcm(key, iv, tag.substr(0, 12), text));
    CHECK_FALSE(decrypt_aes_256_gcm(key.substr(1), iv, tag, text));
    CHECK_FALSE(decrypt_aes_256_gcm(key, "", tag, text));
}

TEST_CASE("the two halves of a P-256 key belong together") {
    // RFC 6979, A.2.5.
    const auto number = hex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
    const auto point =
        hex("04"
            "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
            "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
    CHECK(is_p256_pair(number, point));
    auto other = point;
    other[64] ^= 1;
    CHECK_FALSE(is_p256_pair(number, other));
    CHECK_FALSE(is_p256_pair(number, point.substr(1)));
    CHECK_FALSE(is_p256_pair(std::string(32, '\0'), point));
    CHECK_FALSE(is_p256_pair(std::string(32, '\xff'), point));
    CHECK_FALSE(is_p256_pair("", point));
}
