// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "core/crypto/base64.hpp"
#include "core/crypto/decrypt.hpp"
#include "core/readable.hpp"
#include "mastodon/instance.hpp"

namespace mastobak::mastodon {
namespace {

// db/post_migrate/20240307180905_migrate_devise_two_factor_secrets.rb: the first migration that
// encrypts with the keys, on the way to 4.3. The last migration of 4.2 is from 2023.
constexpr std::string_view first_with_encryption = "20240307180905";

/// 'rails secret' makes 128 hexadecimal digits; secrets of other tools have half as many
/// characters, and letters among them.
constexpr std::size_t shortest_secret = 64;
// Guide "Active Record Encryption", 2.1 Setup: "the minimum lengths you should use are".
constexpr std::size_t shortest_key = 12, shortest_salt = 20;

bool has_blank(const std::string& text) {
    return std::any_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isspace(c) != 0 || std::iscntrl(c) != 0;
    });
}

}  // namespace

std::string value_of(const Environment& environment, const std::string& name) {
    const auto found = environment.find(name);
    return found == environment.end() ? "" : found->second;
}

std::vector<std::string> missing_secrets(const Environment& environment, bool encryption_needed,
                                         bool otp_needed) {
    std::vector<std::string> missing;
    const auto need = [&](const char* name) {
        if (value_of(environment, name).empty()) missing.emplace_back(name);
    };
    for (const auto* name : {"SECRET_KEY_BASE", "VAPID_PRIVATE_KEY", "VAPID_PUBLIC_KEY"})
        need(name);
    if (otp_needed) need("OTP_SECRET");
    if (!encryption_needed) return missing;
    for (const auto* name :
         {"ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY", "ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY",
          "ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT"})
        need(name);
    return missing;
}

bool needs_encryption_keys(const std::string& schema_version) {
    return schema_version >= first_with_encryption;
}

std::vector<std::string> malformed_secrets(const Environment& environment) {
    std::vector<std::string> problems;
    const auto at_least = [&](const char* name, std::size_t size) {
        const auto value = value_of(environment, name);
        if (value.empty()) return;
        if (has_blank(value))
            problems.push_back(fmt::format("'{}' has white space in it", name));
        else if (value.size() < size)
            problems.push_back(fmt::format("'{}' has {}, not {} or more", name,
                                           counted(value.size(), "character"), size));
    };
    at_least("SECRET_KEY_BASE", shortest_secret);
    at_least("OTP_SECRET", shortest_secret);
    at_least("ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY", shortest_key);
    at_least("ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY", shortest_key);
    at_least("ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT", shortest_salt);

    const auto private_key = value_of(environment, "VAPID_PRIVATE_KEY");
    const auto public_key = value_of(environment, "VAPID_PUBLIC_KEY");
    if (private_key.empty() || public_key.empty()) return problems;
    const auto number = decode_base64(private_key);
    const auto point = decode_base64(public_key);
    // Ruby omits leading zeros of a number.
    if (!number || number->size() < 28 || number->size() > 32)
        problems.emplace_back("'VAPID_PRIVATE_KEY' is not 32 bytes in base64");
    else if (!point || point->size() != 65)
        problems.emplace_back("'VAPID_PUBLIC_KEY' is not 65 bytes in base64");
    else if (!is_p256_pair(*number, *point))
        problems.emplace_back("'VAPID_PUBLIC_KEY' does not belong to 'VAPID_PRIVATE_KEY'");
    return problems;
}

}  // namespace mastobak::mastodon
