// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/json.hpp"
#include "daemon/records/daemon_state.hpp"
#include "daemon/records/health.hpp"
#include "daemon/records/history.hpp"
#include "store/staging.hpp"
#include "store/verify.hpp"

/// The program's objects as JSON, for `--json`, the D-Bus API and the history file. Times are ISO
/// 8601 in UTC with whole seconds, durations are seconds, and sizes are bytes. packaging/schema
/// specifies the output of `--json`. Files of older versions have fractions of seconds, which are
/// read as well.
namespace mastobak::daemon {

/// Returns JSON as text that is safe for a terminal: control characters and all characters that are
/// not ASCII are escaped as "\u....". Bytes that are not UTF-8, which may come from a program or a
/// server, are replaced; the function does not throw for them.
/// \param indent -1 for all on one line
std::string dump(const Json& json, int indent = -1);

/// Returns a time in whole seconds of UTC, in the format that jq's fromdate reads.
std::string to_json_time(Timestamp time);
/// Does the same; null for nullopt.
Json to_json_time(const std::optional<Timestamp>& time);

double to_seconds(std::chrono::nanoseconds duration);

Json to_json(const RunRecord& record);
/// Throws Json::exception when the JSON is not a record of a run.
RunRecord run_record_from(const Json& json);

Json to_json(const History& history);
History history_from(const Json& json);

Json to_json(const State& state);
/// Returns the state that a daemon, perhaps of another version, has sent.
State state_from(const Json& json);

Json to_json(const Health& health);
Json to_json(const Error& error);
Json to_json(const store::VerifyReport& report);

}  // namespace mastobak::daemon
