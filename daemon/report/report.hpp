// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

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

}  // namespace mastobak::daemon::report
