// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backup/retention/prune.hpp"
#include "daemon/records/json.hpp"
#include "daemon/records/staging_usage.hpp"

/// How retention and the sizes of staging look in JSON; see json.hpp.
namespace mastobak::daemon {

Json to_json(const backup::PruneReport& report);
/// Throws Json::exception for what is none.
backup::PruneReport prune_report_from(const Json& json);

Json to_json(const Storage& storage);
Storage storage_from(const Json& json);

}  // namespace mastobak::daemon
