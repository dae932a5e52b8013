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

/// Which set is drilled.
struct DrillRequest {
    std::string set = "latest";
    std::string from{};  ///< restore::find_source; empty: `drill.from`, or where one is off-site
    /// Nothing of a set that is not ours is tried, because no person asked for it.
    bool signed_only = false;
    bool explain = false;  ///< which rows differ is narrowed down
    /// What it reads of media is noted in the state directory; not on a host without one.
    bool remembered = true;
};

/// Whether `drill.schedule` wants one: no drill was made in this day, week or month, the set that
/// was drilled last is of another one than the newest, and the last attempt that came to nothing is
/// half a day ago.
/// \param newest when the newest set was begun; nothing: not known
bool drill_is_due(config::DrillSchedule schedule, const Drills& drills,
                  std::optional<Timestamp> newest, Timestamp now);

/// A drill and its record, from begin to end. Blocks.
/// \param scratch a directory of its own; what is in it is removed, before and after
/// Never throws for one that cannot be made: the record says so.
DrillRecord perform_drill(const config::Config& config, const DrillRequest& request,
                          const std::filesystem::path& scratch,
                          const restore::OnDrillProgress& progress, std::stop_token stop);

/// Where the daemon's drills work.
std::filesystem::path drill_scratch(const config::Config& config);

}  // namespace mastobak::daemon
