// SPDX-License-Identifier: GPL-3.0-or-later
#include "mastodon/encrypted_values.hpp"
#include "mastodon/instance.hpp"
#include "support/catch.hpp"

using namespace mastobak::mastodon;
using Outcome = EncryptionKeys::Outcome;
using Problems = std::vector<std::string>;

namespace {

constexpr auto public_key =
    "BDrkeowhtIkV9978T97JqjerYl_LasQe6g-UFHuckXzObkvCPcRcNJ1zY1U3kO2d1mH1FWV3EDsFb0CsMKB_fe8=";

Environment keys(const std::string& primary = "3yLkZ0zVv7Qm1TtWc8Ns5RbXh2Jd9PfK") {
    return {{"ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY", primary},
            {"ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT", "Gq4Mw6Ey8Ua1Ic3Oe5Zs7Nx9Rv2Bt0Lh"}};
}

// "JBSWY3DPEHPK3PXPJBSWY3DP", encrypted by Ruby's OpenSSL in the steps of Rails'
// ActiveRecord::Encryption: KeyGenerator (2**16 rounds of PBKDF2), Cipher::Aes256Gcm,
// MessageSerializer.
constexpr auto with_sha256 = R"({"p":"ykKbgPCgOuiHOzYcxBzm4i4GkizCqs+v",)"
                             R"("h":{"iv":"/KtbGFnclO4hK/Iy","at":"6/3/qJ/olud7WOMEXY4dKQ=="}})";
constexpr auto with_sha1 = R"({"p":"665oln8a8P1nZH/TcjZH5GUf+jOaqYng",)"
                           R"("h":{"iv":"6VUWuXQYxIG7CeW8","at":"w6cwB9QhKVpTtAJCkDVkqA=="}})";

// Made by Rails 7.2.2.2 itself (Debian's ruby-activerecord): ActiveRecord::Encryption.encryptor
// with a DerivedSecretKeyProvider of the keys below, and hash_digest_class SHA256 and SHA1; the
// last one is long, so Rails has compressed it.
const Environment keys_of_rails{
    {"ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY", "EwlK34Hp9NUXZCqFvN1gyX4HIzfBxaCu"},
    {"ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT", "ekNOVzPdhfnbYIoH0mQzfcN9yKxJvZ2d"}};
constexpr const char* made_by_rails[] = {
    R"({"p":"CR2DyVP+oROfThlSkZTwPfUtHmc4I2jnfdlsBGIulcc=",)"
    R"("h":{"iv":"vENjwBxIPTpqED1R","at":"ceyMxojH32/peR/mtlAEtQ=="}})",
    R"({"p":"nB/993FODVIlfniZVCv/Mbg0cNHnyBZPj0un7ycPMb8=",)"
    R"("h":{"iv":"YmP/CsUF58+mQbTe","at":"UhpAmtpL1fdErivT7nVIcQ=="}})",
    R"({"p":"SWrNW+WGGpK/r38A+BZ7aNhIgJlZyKINNCwOkX7iP9QmtsbhQzEs9W1K9gNzS/y9K4jfg6t3",)"
    R"("h":{"iv":"s8qSCE22MsENHqhW","at":"r6yV83z9esQYXo7iUpjFiw==","c":true}})"};

}  // namespace

TEST_CASE("what Rails itself has encrypted is opened") {
    for (const auto* value : made_by_rails) {
        CAPTURE(value);
        CHECK(EncryptionKeys(keys_of_rails).open(value) == Outcome::opened);
        CHECK(EncryptionKeys(keys()).open(value) == Outcome::locked);
    }
}

TEST_CASE("what Active Record has encrypted is opened with its keys, and with no others") {
    const EncryptionKeys right(keys());
    CHECK(right.open(with_sha256) == Outcome::opened);
    CHECK(right.open(with_sha1) == Outcome::opened);
    CHECK(EncryptionKeys(keys("other")).open(with_sha256) == Outcome::locked);
    CHECK(EncryptionKeys({}).open(with_sha256) == Outcome::locked);
    CHECK(right.open(R"({"p":"AAAA","h":{}})") == Outcome::locked);
    CHECK(right.open(R"({"p":1,"h":{"iv":[],"at":null}})") == Outcome::locked);
    for (const auto* text : {"", "JBSWY3DPEHPK3PXP", "{}", "[]", R"({"p":"AAAA"})", "{\"p\":"}) {
        CAPTURE(text);
        CHECK(right.open(text) == Outcome::not_encrypted);
    }
}

TEST_CASE(
    "secrets that are there, and are not what they have to be, are told without their value") {
    Environment environment{{"SECRET_KEY_BASE", std::string(128, 'a')},
                            {"OTP_SECRET", std::string(64, 'b')},
                            {"VAPID_PRIVATE_KEY", "zGJJIRh9Uhkl9-3hLfO1lcoCh8DV0O_yErrOhJPkU6U"},
                            {"VAPID_PUBLIC_KEY", public_key}};
    environment.merge(keys());
    CHECK(malformed_secrets(environment) == Problems{});
    CHECK(malformed_secrets({}) == Problems{});  // missing_secrets() reports it
    const auto with = [&](const std::string& name, const std::string& value) {
        auto changed = environment;
        changed[name] = value;
        return malformed_secrets(changed);
    };
    CHECK(with("OTP_SECRET", "cut") == Problems{"'OTP_SECRET' has 3 characters, not 64 or more"});
    CHECK(with("SECRET_KEY_BASE", std::string(64, 'a') + "\n") ==
          Problems{"'SECRET_KEY_BASE' has white space in it"});
    CHECK(with("ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY", "short").size() == 1);
    CHECK(with("ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT", "12345678901234567890").empty());
    CHECK(with("ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT", "1234567890123456789").size() == 1);
    CHECK(with("VAPID_PRIVATE_KEY", "AAAA") ==
          Problems{"'VAPID_PRIVATE_KEY' is not 32 bytes in base64"});
    CHECK(with("VAPID_PUBLIC_KEY", "not base64!") ==
          Problems{"'VAPID_PUBLIC_KEY' is not 65 bytes in base64"});
    CHECK(with("VAPID_PRIVATE_KEY", "zGJJIRh9Uhkl9-3hLfO1lcoCh8DV0O_yErrOhJPkU6Y") ==
          Problems{"'VAPID_PUBLIC_KEY' does not belong to 'VAPID_PRIVATE_KEY'"});
}
