// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mastobak::mastodon {

using Environment = std::map<std::string, std::string>;

/// Variables that Mastodon has and whose values cannot be known here: name and reason, as in
/// "/srv/.env:3: 'A' comes from a command, which mastobak does not run".
using Unknowns = std::map<std::string, std::string>;

/// What dotenv files say. No name is in both.
struct Dotenv {
    Environment values{};
    Unknowns unknowns{};
};

/// What systemd says of mastodon-web.service; empty where there is no such unit.
struct UnitFacts {
    std::filesystem::path working_directory{};
    Environment environment{};                               ///< Environment=
    std::vector<std::filesystem::path> environment_files{};  ///< EnvironmentFile=, without the "-"
    std::string user{};                                      ///< User=
};

/// A Mastodon on this host.
struct Instance {
    std::filesystem::path directory{};  ///< the checkout
    std::filesystem::path env_file{};   ///< its .env.production
    Environment environment{};          ///< dotenv files, overridden by the unit's environment
    Unknowns unknowns{};                ///< what these files give it and we cannot know
    std::vector<std::filesystem::path> env_files_read{};
    std::string user{};  ///< that it runs as; "mastodon" if unknown
};

/// Finds Mastodon and reads its environment.
/// \param directory, env_file as configured; empty: found
/// Throws Error{environment} when it is nowhere, Error{config} for a dotenv file that cannot be
/// parsed (file:line).
Instance find_instance(const std::filesystem::path& directory,
                       const std::filesystem::path& env_file, const UnitFacts& unit);

/// Where the database is, as config/database.yml of Mastodon computes it from the environment.
struct DatabaseSettings {
    std::string host;  ///< a name, an address, or the socket's absolute directory; may be empty
    std::uint16_t port = 5432;
    bool port_given = true;  ///< otherwise libpq decides: DB_PORT is set, but empty
    std::string name = "mastodon_production";
    std::string user = "mastodon";
    std::string password;  ///< secret
    /// Further parameters of libpq's connection by name ("sslmode", "sslrootcert"), as DATABASE_URL
    /// gives them, whether libpq knows them or not; without those that are Rails' own.
    std::map<std::string, std::string> parameters;
};
/// A URL beats DB_*. libpq's own variables (PGSSLMODE, …) are not looked at.
/// \param unknowns that are needed are an error: without those that something else supplies
/// Throws Error{config} for a URL that is not one, and for an unknown that is needed.
DatabaseSettings database_settings(const Environment& environment, const Unknowns& unknowns = {});

/// The variable whose URL counts: Rails looks for PRIMARY_DATABASE_URL, and then for DATABASE_URL.
/// Source: Rails, ActiveRecord::DatabaseConfigurations
std::string database_url_name(const Environment& environment, const Unknowns& unknowns = {});

/// PAPERCLIP_ROOT_PATH, or public/system; absolute.
/// Throws Error{config} where it is an unknown.
std::filesystem::path media_root(const Instance& instance);

/// Which object store holds the media: "S3_ENABLED", "SWIFT_ENABLED", "AZURE_ENABLED"; nothing if
/// it is on this disk.
/// Throws Error{config} where one of them is an unknown.
std::optional<std::string> object_store(const Environment& environment,
                                        const Unknowns& unknowns = {});

/// The names of the secrets without which a restored instance is not the same instance, and that
/// the environment lacks. Which ones are needed depends on the version, and on the database:
/// \param encryption_needed Mastodon ≥ 4.3: ACTIVE_RECORD_ENCRYPTION_* count too
/// \param otp_needed        the database has values in users.encrypted_otp_secret: OTP_SECRET
///                          counts, too. Instances since May 2025 have neither.
/// Source: mastodon#34757, #34804
std::vector<std::string> missing_secrets(const Environment& environment, bool encryption_needed,
                                         bool otp_needed);

/// What is wrong with the secrets that are there: too short, no key, two keys that do not belong
/// together. Never a value. What an admin may have chosen himself is let pass.
std::vector<std::string> malformed_secrets(const Environment& environment);

/// Whether that schema version (schema_migrations) is of a Mastodon ≥ 4.3.
bool needs_encryption_keys(const std::string& schema_version);

}  // namespace mastobak::mastodon
