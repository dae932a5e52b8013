// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "mastodon/instance.hpp"
#include "postgres/connection.hpp"
#include "postgres/restore/check.hpp"

namespace mastobak::restore {

/// What the dotenv files of a set give to Mastodon: those that are called so, and whatever else has
/// its SECRET_KEY_BASE.
/// \param archive config.tar.zst
/// Throws Error{corrupt}, Error{config} for one that cannot be parsed, Error{cancelled}.
mastodon::Environment archived_environment(const std::filesystem::path& archive,
                                           std::stop_token stop);

/// "secrets": whether those are all there, and are what they have to be.
/// \param missing as missing_of says; empty where those are excused
postgres::Check check_secrets(const mastodon::Environment& environment,
                              const std::vector<std::string>& missing);
/// The secrets that there have to be and are not.
/// \param schema_version which ones those are depends on it
std::vector<std::string> missing_of(const mastodon::Environment& environment,
                                    const std::string& schema_version);

/// "encryption": whether what Mastodon has encrypted in a restored database can be decrypted with
/// the restored keys; skipped where it has encrypted nothing.
/// Throws Error{database}, Error{cancelled}.
postgres::Check check_encryption(const postgres::Settings& database,
                                 const mastodon::Environment& environment, std::stop_token stop);

}  // namespace mastobak::restore
