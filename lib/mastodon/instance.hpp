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

/// Returns the value of a variable; empty if it is not set.
std::string value_of(const Environment& environment, const std::string& name);

/// Variables that Mastodon has, but whose values mastobak cannot know: name and reason, as in
/// "/srv/.env:3: 'A' comes from a command, which mastobak does not run".
using Unknowns = std::map<std::string, std::string>;

/// The contents of dotenv files. No name is in both members.
struct Dotenv {
    Environment values{};
    Unknowns unknowns{};
};

/// The properties of mastodon-web.service that systemd reports; empty if there is no such unit.
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
    Unknowns unknowns{};                ///< set in these files, with values that cannot be known
    std::vector<std::filesystem::path> env_files_read{};
    std::string user{};  ///< the user that it runs as; "mastodon" if unknown
};

/// Finds Mastodon and reads its environment.
/// \param directory mastodon.directory; empty: it is searched for
/// \param env_file  mastodon.env_file; empty: it is searched for
/// Throws Error{environment} when Mastodon is not found, Error{config} for a dotenv file that
/// cannot be parsed (file:line).
Instance find_instance(const std::filesystem::path& directory,
                       const std::filesystem::path& env_file, const UnitFacts& unit);

/// Returns PAPERCLIP_ROOT_PATH, or public/system, as an absolute path.
/// Throws Error{config} when its value cannot be known.
std::filesystem::path media_root(const Instance& instance);

/// Returns which object store has the media: "S3_ENABLED", "SWIFT_ENABLED", "AZURE_ENABLED"; empty
/// when they are on this host's disk.
/// Throws Error{config} when the value of one of these variables cannot be known.
std::optional<std::string> object_store(const Environment& environment,
                                        const Unknowns& unknowns = {});

/// Returns the names of the secrets that a restored instance needs and that the environment does
/// not have.
/// \param encryption_needed whether ACTIVE_RECORD_ENCRYPTION_* are needed: with Mastodon ≥ 4.3
/// \param otp_needed        whether OTP_SECRET is needed: the database has values in
///                          users.encrypted_otp_secret, which instances since May 2025 do not have
/// Source: mastodon#34757, #34804
std::vector<std::string> missing_secrets(const Environment& environment, bool encryption_needed,
                                         bool otp_needed);

/// Returns what is wrong with the existing secrets: too short, not a key, two keys that do not
/// belong together. The texts never have a value. Accepts secrets that an admin may have chosen.
std::vector<std::string> malformed_secrets(const Environment& environment);

/// Returns whether a schema version (schema_migrations) belongs to a Mastodon ≥ 4.3.
bool needs_encryption_keys(const std::string& schema_version);

}  // namespace mastobak::mastodon
