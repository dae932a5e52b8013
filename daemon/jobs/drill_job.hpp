// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "config/config.hpp"
#include "daemon/records/drill_record.hpp"
#include "restore/drill/drill.hpp"

namespace mastobak::daemon {

/// The set to drill, and how.
struct DrillRequest {
    std::string set = "latest";
    std::string from{};  ///< restore::find_source; empty: `drill.from`, or the newest off-site set
    /// Refuse a set that is not known to be ours, because no person requested this drill.
    bool signed_only = false;
    bool explain = false;  ///< narrow down which rows differ
    /// Record in the state directory which media the drill read; false on a host without one.
    bool remembered = true;
};

/// Returns whether `drill.schedule` requires a drill now. All of these must hold: no drill
/// was completed in this day, week or month; the newest set is from a later day, week or month
/// than the set of the last completed drill; the last attempt completed or is at least half a day
/// old.
/// \param newest when the newest set was begun; nullopt when not known
bool drill_is_due(config::DrillSchedule schedule, const Drills& drills,
                  std::optional<Timestamp> newest, Timestamp now);

/// Performs a drill and returns its record. Blocks.
/// \param scratch a private directory; its contents are removed before and after the drill
/// Does not throw when a drill is impossible: the record has the reason.
DrillRecord perform_drill(const config::Config& config, const DrillRequest& request,
                          const std::filesystem::path& scratch,
                          const restore::OnDrillProgress& progress, std::stop_token stop);

/// Returns the scratch directory of the daemon's drills.
std::filesystem::path drill_scratch(const config::Config& config);

}  // namespace mastobak::daemon
