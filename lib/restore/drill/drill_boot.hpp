// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>

#include "mastodon/instance.hpp"
#include "media/index/index.hpp"
#include "postgres/check/check.hpp"
#include "restore/drill/drill.hpp"
#include "restore/drill/drill_database.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::restore {

/// Makes the check "mastodon": starts this host's Mastodon against the restored database, and
/// checks that it finds its accounts, a local account's keys, an encrypted value, and a media file
/// that is in the set. The check is skipped, with the reason, if Mastodon cannot be run. It has to
/// be the last check of a database, because Mastodon may write to it.
/// \param secrets environment in the set; only the secrets and the names of the instance are used
/// \param index   index of the set; empty if there is none
/// Throws Error{database}, Error{cancelled}.
postgres::Check check_boot(const DrillDatabase& database, const store::Manifest& manifest,
                           const BootOptions& options, const mastodon::Environment& secrets,
                           const media::IndexFiles& index, const std::stop_token& stop);

}  // namespace mastobak::restore
