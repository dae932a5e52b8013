// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/json.hpp"
#include "daemon/records/daemon_state.hpp"
#include "daemon/records/health.hpp"
#include "daemon/records/history.hpp"
#include "store/staging.hpp"
#include "store/verify.hpp"

/// How the program's objects look in JSON: for `--json`, the D-Bus API and the history file.
/// Times are ISO 8601 in UTC with whole seconds, durations seconds, sizes bytes; packaging/schema
/// has what `--json` prints. Files of older versions have fractions of seconds, which are read as
/// well.
namespace mastobak::daemon {

/// Its text, which a terminal can take: control characters, those that turn the direction of
/// writing, and all else that is not ASCII is "\u....". Never throws for bytes that are not UTF-8
/// (in what a program or a server has said): they are replaced.
std::string dump(const Json& json, int indent = -1);

/// In whole seconds of UTC, as jq's fromdate reads it.
std::string to_json_time(Timestamp time);
/// The same, or null.
Json to_json_time(const std::optional<Timestamp>& time);

double to_seconds(std::chrono::nanoseconds duration);

Json to_json(const RunRecord& record);
/// Throws Json::exception for what is none.
RunRecord run_record_from(const Json& json);

Json to_json(const History& history);
History history_from(const Json& json);

Json to_json(const State& state);
/// The state that a daemon (perhaps of another version) told.
State state_from(const Json& json);

Json to_json(const Health& health);
Json to_json(const Error& error);
Json to_json(const store::VerifyReport& report);

}  // namespace mastobak::daemon
