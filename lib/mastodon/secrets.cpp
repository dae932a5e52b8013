// SPDX-License-Identifier: GPL-3.0-or-later
#include "mastodon/instance.hpp"

namespace mastobak::mastodon {
namespace {

// db/post_migrate/20240307180905_migrate_devise_two_factor_secrets.rb: the first migration that
// encrypts with the keys, on the way to 4.3. The last migration of 4.2 is from 2023.
constexpr std::string_view first_with_encryption = "20240307180905";

}  // namespace

std::vector<std::string> missing_secrets(const Environment& environment, bool encryption_needed,
                                         bool otp_needed) {
    std::vector<std::string> missing;
    const auto need = [&](const char* name) {
        const auto set = environment.find(name);
        if (set == environment.end() || set->second.empty()) missing.emplace_back(name);
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

}  // namespace mastobak::mastodon
