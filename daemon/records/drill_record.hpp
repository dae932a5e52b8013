// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "restore/drill/drill_report.hpp"

namespace mastobak::daemon {

/// What is remembered of a drill.
struct DrillRecord {
    std::string id;               ///< "20261122T041500Z": when it began
    restore::DrillReport report;  ///< as far as it came
    std::string error_code;       ///< it could not be made: nothing is said of the set then
    std::string error;
    std::string hint;

    bool made() const { return error.empty(); }
    bool proven() const { return made() && report.proven(); }
};

/// `drills/` in the state directory: the last drill of each set, as JSON (drill_json.hpp), and the
/// last one that could not be made, if no other was made since.
struct Drills {
    std::optional<DrillRecord> last;  ///< also one that could not be made
    std::optional<DrillRecord> last_made;
    std::optional<DrillRecord> last_proven;
};

/// What cannot be read is left out: losing it costs another drill.
Drills read_drills(const std::filesystem::path& state_directory);
std::optional<DrillRecord> drill_of(const std::filesystem::path& state_directory,
                                    const std::string& set);

/// Writes it durably, and forgets the oldest ones. Throws Error{staging}.
void write_drill(const std::filesystem::path& state_directory, const DrillRecord& record);

/// A drill that could not be made.
void finish(DrillRecord& record, const Error& error);

/// "proven 3 days ago", "NOT PROVEN: …": for one line; empty when no drill was made yet.
std::string short_text(const Drills& drills, Timestamp now);

/// "drills have read 50 of the media's 1000 files so far, 1.2 GiB of 20.0 GiB; 48 more drills will
/// have read all, on about 2027-01-09"
std::string text_of(const restore::MediaRead& media);

/// "2 h 10 min (to fetch 1 h 30 min, the database 10 min, media 30 min)"
std::string text_of(const restore::RestoreEstimate& estimate);

/// "set 20261122T030000Z of remote 'b2' is proven: 15 checks in 25 s; a full restore would take
/// about 2 h 10 min (…)".
std::string text_of(const DrillRecord& record);

}  // namespace mastobak::daemon
