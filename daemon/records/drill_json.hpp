// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/json.hpp"
#include "daemon/records/drill_record.hpp"

/// How drills look in JSON: for `--json`, the D-Bus API and the state directory. See json.hpp.
namespace mastobak::daemon {

Json to_json(const DrillRecord& record);
/// Throws Json::exception for what is none.
DrillRecord drill_record_from(const Json& json);

Json to_json(const restore::RestoreEstimate& estimate);

Json to_json(const Drills& drills);
Drills drills_from(const Json& json);

}  // namespace mastobak::daemon
