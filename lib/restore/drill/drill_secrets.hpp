// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "mastodon/instance.hpp"
#include "postgres/check/check.hpp"
#include "postgres/connection.hpp"

namespace mastobak::restore {

/// Returns the settings in the dotenv files of a set: the files with a usual dotenv name, and any
/// other file that has SECRET_KEY_BASE.
/// \param archive config.tar.zst
/// Throws Error{corrupt}, Error{config} for a dotenv file that cannot be parsed, Error{cancelled}.
mastodon::Environment archived_environment(const std::filesystem::path& archive,
                                           std::stop_token stop);

/// Makes the check "secrets": all secrets have to be there and well-formed.
/// \param missing the result of missing_of(); empty where missing secrets are allowed
postgres::Check check_secrets(const mastodon::Environment& environment,
                              const std::vector<std::string>& missing);
/// Returns the names of the required secrets that are missing.
/// \param schema_version decides which secrets are required
std::vector<std::string> missing_of(const mastodon::Environment& environment,
                                    const std::string& schema_version);

/// Makes the check "encryption": the restored keys have to decrypt what Mastodon has encrypted in a
/// restored database. The check is skipped if there are no encrypted values.
/// Throws Error{database}, Error{cancelled}.
postgres::Check check_encryption(const postgres::Settings& database,
                                 const mastodon::Environment& environment, std::stop_token stop);

}  // namespace mastobak::restore
