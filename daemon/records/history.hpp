// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "backup/run.hpp"
#include "config/config.hpp"
#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::daemon {

/// What ended a run before its time.
enum class CutOff {
    nothing,  ///< it ended by itself, well or not
    person,   ///< who asked for it by `mastobak cancel`
    service,  ///< the daemon was stopped: by systemctl, an upgrade, or the host's shutdown
    death,    ///< the daemon was killed, or the host lost its power
};

/// What is remembered of a run.
struct RunRecord {
    std::string id;  ///< "20261122T030000Z": when it began
    Timestamp started_at;
    std::optional<Timestamp> finished_at;  ///< nothing: it is going on, or its process died
    std::optional<std::string> set;        ///< the set that it published
    Bytes size;                            ///< size of the set's own files and new packs
    std::chrono::nanoseconds downtime{0};
    std::vector<store::UnitRecord> units;  ///< units that were stopped, with their downtimes
    std::vector<std::string> warnings;
    std::uint64_t acknowledged_files = 0;  ///< missing ones, of which no warning is
    std::size_t acknowledged = 0;          ///< warnings that are not told (leave_out_acknowledged)
    std::vector<std::string> down;         ///< units that it stopped and that did not start again
    std::vector<backup::StepTime> steps;
    std::string error_code;  ///< empty: it succeeded, or is in progress
    std::string error;
    std::string hint;
    bool needs_person = false;      ///< waiting does not remove the cause (Error::needs_person)
    std::string by;                 ///< "request", "schedule", "catch-up" or "retry"
    int attempt = 1;                ///< number of the attempt in its night
    Timestamp night;                ///< when the first attempt of that night began
    bool stopped_mastodon = false;  ///< it began to stop units
    std::string failed_step;        ///< "dump", …: at which it failed
    bool rehearsed = false;         ///< before it could stop units
    bool dry_run = false;           ///< it was not to make a set
    CutOff cut_off_by = CutOff::nothing;

    bool ok() const {
        return dry_run ? finished_at.has_value() && error_code.empty() : set.has_value();
    }
};

/// `history.json` in the state directory.
struct History {
    Timestamp known_since;  ///< nothing was missed before that
    std::string schedule;   ///< that counts since then: "03:00 + 0 s"; empty: none was followed yet
    std::optional<RunRecord> last_run;
    std::optional<RunRecord> last_success;
    /// The newest run that failed after it had stopped Mastodon; nothing once a run has succeeded.
    std::optional<RunRecord> wasted_stop{};
};

/// Reads the history. One that is not there, or cannot be read, is a new one from `now` on: losing
/// it costs nothing but these lines.
History read_history(const std::filesystem::path& state_directory, Timestamp now);

/// Writes it durably. Throws Error{staging}.
void write_history(const std::filesystem::path& state_directory, const History& history);

/// Remembers a run that has begun or ended, and whether it has stopped Mastodon in vain.
void note(History& history, const RunRecord& record);

/// Makes a schedule the one that counts: an hour that it names was not missed before it did.
/// \return whether the history has changed
bool follow_schedule(History& history, const config::Schedule& schedule, Timestamp now);

/// When the last run began that took a night's place, however it ended; nothing if there was none.
/// One that the shutdown of the host kept from stopping anything did not, nor did one of the
/// schedule that was interrupted, for the first few times: the next start makes up for it.
std::optional<Timestamp> last_attempt(const History& history);

/// A run that succeeded, or failed, as it is remembered.
void finish(RunRecord& record, const backup::Result& result, Timestamp now);
void finish(RunRecord& record, const Error& error, Timestamp now);
/// A dry run that succeeded.
void finish(RunRecord& record, const backup::Rehearsed& rehearsed, Timestamp now);

}  // namespace mastobak::daemon
