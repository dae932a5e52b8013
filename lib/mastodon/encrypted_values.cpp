// SPDX-License-Identifier: GPL-3.0-or-later
#include "mastodon/encrypted_values.hpp"

#include <algorithm>
#include <optional>

#include "core/crypto/decrypt.hpp"
#include "core/crypto/encoding.hpp"
#include "core/json.hpp"

namespace mastobak::mastodon {
namespace {

/// The parameters of ActiveSupport::KeyGenerator.
constexpr int iterations = 1 << 16;
constexpr std::size_t key_size = 32;

std::optional<std::string> bytes_at(const Json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_string()) return std::nullopt;
    return decode_base64(found->get<std::string>());
}

/// The format of ActiveRecord::Encryption::MessageSerializer.
struct Message {
    std::string payload, iv, tag;
};

std::optional<Message> parse_message(const std::string& value) {
    const auto json = Json::parse(value, nullptr, false);
    if (!json.is_object() || !json.contains("p") || !json.contains("h") || !json["h"].is_object())
        return std::nullopt;
    auto payload = bytes_at(json, "p");
    auto iv = bytes_at(json["h"], "iv");
    auto tag = bytes_at(json["h"], "at");
    // The value is encrypted; if parts of it are missing, it cannot be decrypted.
    return Message{payload.value_or(""), iv.value_or(""), tag.value_or("")};
}

}  // namespace

const std::vector<EncryptedColumn>& encrypted_columns() {
    static const std::vector<EncryptedColumn> columns{{"users", "otp_secret"},
                                                      {"keypairs", "private_key"}};
    return columns;
}

EncryptionKeys::EncryptionKeys(const Environment& environment) {
    const auto primary = value_of(environment, "ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY");
    const auto salt = value_of(environment, "ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT");
    if (primary.empty() || salt.empty()) return;
    // Rails 7.1's default, and the earlier default; Mastodon's version decides which one is used.
    for (const auto hash : {KeyHash::sha256, KeyHash::sha1})
        keys_.push_back(derive_key(primary, salt, iterations, key_size, hash));
}

EncryptionKeys::Outcome EncryptionKeys::open(const std::string& value) const {
    const auto message = parse_message(value);
    if (!message) return Outcome::not_encrypted;
    const bool opened = std::any_of(keys_.begin(), keys_.end(), [&](const auto& key) {
        return decrypt_aes_256_gcm(key, message->iv, message->tag, message->payload).has_value();
    });
    return opened ? Outcome::opened : Outcome::locked;
}

}  // namespace mastobak::mastodon
