// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include "daemon/records/drill_record.hpp"

/// Drills as JSON, for `--json`, the D-Bus API and the state directory. See json.hpp.
namespace mastobak::daemon {

nlohmann::json to_json(const DrillRecord& record);
/// Throws nlohmann::json::exception when the JSON is not a record of a drill.
DrillRecord drill_record_from(const nlohmann::json& json);

nlohmann::json to_json(const restore::RestoreEstimate& estimate);

nlohmann::json to_json(const Drills& drills);
Drills drills_from(const nlohmann::json& json);

}  // namespace mastobak::daemon
