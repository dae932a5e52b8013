// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>

#include "mastodon/instance.hpp"
#include "postgres/restore/check.hpp"
#include "restore/drill/drill.hpp"
#include "restore/drill/drill_database.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::restore {

/// "mastodon": whether this host's Mastodon finds its accounts, a local account's keys, what it has
/// encrypted, and a file of the set's media in a restored database. Skipped, with the reason, where
/// it cannot be run. The last check of a database: what runs may write to it.
/// \param secrets of the set; nothing else of its settings is used
/// \param index   of the set; empty: there is none to look at
/// Throws Error{database}, Error{cancelled}.
postgres::Check check_boot(const DrillDatabase& database, const store::Manifest& manifest,
                           const BootOptions& options, const mastodon::Environment& secrets,
                           const std::filesystem::path& index, const std::stop_token& stop);

}  // namespace mastobak::restore
