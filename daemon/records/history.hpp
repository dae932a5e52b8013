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

/// The cause that ended a run early.
enum class CutOff {
    nothing,  ///< the run ended by itself, with or without success
    person,   ///< a person cancelled it by `mastobak cancel`
    service,  ///< the daemon was stopped: by systemctl, an upgrade, or the host's shutdown
    death,    ///< the daemon was killed, or the host lost its power
};

/// The size of what a run adds to staging.
struct SizeByPart {
    Bytes database;  ///< the dump, or its difference from a base
    Bytes media;     ///< new packs
    Bytes other;     ///< configuration, index, lists
};

/// Returns the sizes of a set's own files and new packs.
SizeByPart size_by_part(const store::Manifest& manifest);

/// The record of a run.
struct RunRecord {
    std::string id;  ///< "20261122T030000Z": time of its beginning
    Timestamp started_at;
    std::optional<Timestamp> finished_at;  ///< nullopt: it is in progress, or its process died
    std::optional<std::string> set;        ///< the set that it published
    Bytes size;                            ///< size of the set's own files and new packs
    std::optional<SizeByPart> parts{};     ///< the same by part; nullopt in older records
    /// Files that rows name and that the set lacks, without acknowledged ones; nullopt: as above.
    std::optional<std::uint64_t> missing_files{};
    /// "dump of a base of 812 MiB, 11 days older, + 9.1 MiB"
    std::optional<std::string> dump{};
    std::chrono::nanoseconds downtime{0};
    std::vector<store::UnitRecord> units;  ///< units that were stopped, with their downtimes
    std::vector<std::string> warnings;
    std::uint64_t acknowledged_files = 0;  ///< missing files without a warning: acknowledged ones
    std::size_t acknowledged = 0;          ///< warnings that leave_out_acknowledged() has removed
    std::vector<std::string> down;         ///< units that it stopped and that did not start again
    std::vector<backup::StepTime> steps;
    std::string error_code;  ///< empty: it succeeded, or is in progress
    std::string error;
    std::string hint;
    bool needs_person = false;      ///< waiting does not remove the cause (Error::needs_person)
    std::string note{};             ///< text of the person who started it; empty: none
    std::string by;                 ///< "request", "schedule", "catch-up" or "retry"
    int attempt = 1;                ///< number of the attempt in its night
    Timestamp night;                ///< time at which the first attempt of this night began
    bool stopped_mastodon = false;  ///< it began to stop units
    std::string failed_step;        ///< "dump", …: the step that failed
    bool rehearsed = false;         ///< a rehearsal succeeded before it stopped units
    bool dry_run = false;           ///< it is a dry run, which makes no set
    CutOff cut_off_by = CutOff::nothing;

    bool ok() const {
        return dry_run ? finished_at.has_value() && error_code.empty() : set.has_value();
    }
};

/// The contents of `history.json` in the state directory.
struct History {
    Timestamp known_since;  ///< runs before this time do not count as missed
    std::string schedule;   ///< the schedule since then: "03:00 + 0 s"; empty: there was none yet
    std::optional<RunRecord> last_run;
    std::optional<RunRecord> last_success;
    /// The newest run that failed after it had stopped Mastodon; nullopt after a run that
    /// succeeded.
    std::optional<RunRecord> wasted_stop{};
};

/// Reads the history. If the file is missing or cannot be read, returns a new history that begins
/// now; only these records are lost then.
History read_history(const std::filesystem::path& state_directory, Timestamp now);

/// Writes the history durably. Throws Error{staging}.
void write_history(const std::filesystem::path& state_directory, const History& history);

/// Adds a run that has begun or ended, also to wasted_stop if it has stopped Mastodon in vain.
void note(History& history, const RunRecord& record);

/// Stores a new schedule. Due times of the new schedule that are in the past do not count as
/// missed.
/// \return whether the history has changed
bool follow_schedule(History& history, const config::Schedule& schedule, Timestamp now);

/// Returns when the last run began that counts as the run of its night, whatever its result;
/// nullopt if there is none. These runs do not count, so that the next start of the daemon makes up
/// for them: a run that was refused because the host was shutting down, and a scheduled run that
/// was interrupted, except at its third attempt.
std::optional<Timestamp> last_attempt(const History& history);

/// These complete the record of a run that has succeeded or failed.
void finish(RunRecord& record, const backup::Result& result, Timestamp now);
void finish(RunRecord& record, const Error& error, Timestamp now);
/// Completes the record of a dry run that has succeeded.
void finish(RunRecord& record, const backup::Rehearsed& rehearsed, Timestamp now);

/// Returns whether a scheduled run was interrupted by a cause outside the backup: the service was
/// stopped, the host was shut down or lost power.
bool was_interrupted(const RunRecord& record);

/// Returns when a failed night is tried again: after 5 minutes, then after twice the previous
/// delay, until `schedule.retry_until` after its first attempt. Returns nullopt if a person must
/// fix the cause, if a person cancelled the run, and if the run had stopped Mastodon and then
/// failed at a step that cannot be rehearsed, or failed after a rehearsal. Mastodon is not stopped
/// twice for the same cause. Pure.
/// \param last the newest run
std::optional<Timestamp> retry_at(const RunRecord& last, const config::Schedule& schedule);

/// Creates the record of a run that begins now.
/// \param by "request", "schedule", "catch-up" or "retry"
/// \param last the previous run, whose night this run may continue; nullopt when there is none
RunRecord new_record(Timestamp now, const std::string& by = "request",
                     const std::optional<RunRecord>& last = {});

}  // namespace mastobak::daemon
