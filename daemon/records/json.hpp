// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "backup/retention/prune.hpp"
#include "core/files/open.hpp"
#include "core/json.hpp"
#include "daemon/records/acknowledged.hpp"
#include "daemon/records/daemon_state.hpp"
#include "daemon/records/health.hpp"
#include "daemon/records/history.hpp"
#include "daemon/records/notifications.hpp"
#include "daemon/records/staging_usage.hpp"
#include "scrub/scrub.hpp"
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

/// A record, of which json.cpp has the list. What is only printed is in none of the files that are
/// read again: restore::RestoreEstimate and Health.
template <typename Record>
Json to_json(const Record& record);

/// Reads a record, which may be of another version or hostile. Throws Json::exception when it is
/// not one.
template <typename Record>
Record record_from(const Json& json);

/// Reads a file of the state directory; nullopt when there is none, and when it is damaged.
template <typename Record>
std::optional<Record> read_record(const std::filesystem::path& file) {
    try {
        return record_from<Record>(Json::parse(read_beneath(file.parent_path(), file.filename())));
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

Json to_json(const std::string& object, const scrub::Damage& damage);
Json to_json(const Error& error);
Json to_json(const store::VerifyReport& report);
/// Returns the output of `verify --from`.
Json to_json(const scrub::Report& report);

}  // namespace mastobak::daemon
