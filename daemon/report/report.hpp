// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "daemon/records/daemon_state.hpp"
#include "daemon/records/drill_record.hpp"
#include "daemon/records/health.hpp"
#include "daemon/records/nights.hpp"
#include "store/retention/retention.hpp"

/// `mastobak report`: one static page with all that an admin wants to look at.
namespace mastobak::daemon::report {

/// Everything that the page shows.
struct Facts {
    Timestamp now;
    std::string host;  ///< name of this host
    State state;
    Health health;
    std::vector<Night> nights;          ///< oldest first
    std::vector<DrillRecord> drills;    ///< oldest first; the last drill of each set
    std::set<std::string> pinned;       ///< sets that `mastobak keep` has pinned
    std::map<std::string, Bytes> free;  ///< free space at remotes that have reported it
    store::LocalDay local_day;          ///< returns the local date at an instant
};

/// Returns the page: one HTML document without scripts, links and outside resources. Pure.
std::string to_html(const Facts& facts);

/// Reads from the disk what the report shows in addition to the state. Nights before `nights.json`
/// existed are those of the sets in staging. Blocks. Does not throw for what cannot be read: the
/// report then lacks it.
Facts collect(const config::Config& config, State state, Health health, Timestamp now);

/// Writes the page that the daemon keeps: `report.html` in the state directory, readable
/// only for its owner. Blocks. Throws Error{staging}.
void write_report(const std::filesystem::path& state_directory, const Facts& facts);

}  // namespace mastobak::daemon::report
