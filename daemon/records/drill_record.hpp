// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "restore/drill/drill_report.hpp"

namespace mastobak::daemon {

/// The record of a drill.
struct DrillRecord {
    std::string id;               ///< "20261122T041500Z": time of its beginning
    restore::DrillReport report;  ///< the report, as far as the drill came
    std::string error_code;       ///< why it could not be made; this says nothing about the set
    std::string error;
    std::string hint;

    bool made() const { return error.empty(); }
    bool proven() const { return made() && report.proven(); }
};

/// The newest records of `drills/` in the state directory. That directory has the last drill of
/// each set, as JSON (json.hpp), and the last drill that could not be made, if none was made
/// since.
struct Drills {
    std::optional<DrillRecord> last;  ///< may be a drill that could not be made
    std::optional<DrillRecord> last_made;
    std::optional<DrillRecord> last_proven;
};

/// Reads all records, oldest first. Ignores unreadable ones.
std::vector<DrillRecord> all_drills(const std::filesystem::path& state_directory);

/// Reads the records. Ignores unreadable ones: the loss of a record only causes another drill.
Drills read_drills(const std::filesystem::path& state_directory);
std::optional<DrillRecord> drill_of(const std::filesystem::path& state_directory,
                                    const std::string& set);

/// Writes a record durably, and removes the oldest records if there are more than 100. Throws
/// Error{staging}.
void write_drill(const std::filesystem::path& state_directory, const DrillRecord& record);

/// Completes the record of a drill that could not be made.
void finish(DrillRecord& record, const Error& error);

/// Returns "proven 3 days ago" or "NOT PROVEN: …", for one line; empty when no drill was made yet.
std::string short_text(const Drills& drills, Timestamp now);

/// Returns "drills have read 50 of the media's 1000 files so far, 1.2 GiB of 20.0 GiB; 48 more
/// drills will have read all, on about 2027-01-09".
std::string text_of(const restore::MediaRead& media);

/// Returns "2 h 10 min (to fetch 1 h 30 min, the database 10 min, media 30 min)".
std::string text_of(const restore::RestoreEstimate& estimate);

/// Returns "set 20261122T030000Z of remote 'b2' is proven: 15 checks in 25 s; a full restore would
/// take about 2 h 10 min (…)".
std::string text_of(const DrillRecord& record);

}  // namespace mastobak::daemon
