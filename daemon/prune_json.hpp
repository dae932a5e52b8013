// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backup/prune.hpp"
#include "daemon/json.hpp"
#include "daemon/storage.hpp"

/// How retention and the sizes of staging look in JSON; see json.hpp.
namespace mastobak::daemon {

nlohmann::json to_json(const backup::PruneReport& report);
/// Throws nlohmann::json::exception for what is none.
backup::PruneReport prune_report_from(const nlohmann::json& json);

nlohmann::json to_json(const Storage& storage);
Storage storage_from(const nlohmann::json& json);

}  // namespace mastobak::daemon
