// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backup/retention/prune.hpp"
#include "core/json.hpp"
#include "daemon/records/acknowledged.hpp"
#include "daemon/records/daemon_state.hpp"
#include "daemon/records/health.hpp"
#include "daemon/records/history.hpp"
#include "daemon/records/staging_usage.hpp"
#include "scrub/scrub.hpp"
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

/// A record, of which json.cpp has the list. What is only printed is in none of the files that are
/// read again: restore::RestoreEstimate and Health.
template <typename Record>
Json to_json(const Record& record);

/// Reads a record, which may be of another version or hostile. Throws Json::exception when it is
/// not one.
template <typename Record>
Record record_from(const Json& json);

Json to_json(const std::string& object, const scrub::Damage& damage);
Json to_json(const Error& error);
Json to_json(const store::VerifyReport& report);
/// What `verify --from` prints.
Json to_json(const scrub::Report& report);

}  // namespace mastobak::daemon
