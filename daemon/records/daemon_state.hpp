// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "backup/retention/prune.hpp"
#include "core/clock.hpp"
#include "daemon/records/drill_record.hpp"
#include "daemon/records/history.hpp"
#include "daemon/records/staging_usage.hpp"
#include "offsite/worker.hpp"
#include "scrub/ledger.hpp"

namespace mastobak::daemon {

/// The run that is in progress.
struct RunningState {
    std::string id;
    Timestamp started_at;
    std::string step;
    double fraction = -1;  ///< part of the step that is done, 0 to 1; negative: unknown
    std::string detail;
    std::optional<std::chrono::seconds> left{};  ///< estimated time until the end of the step
};

/// The state of the daemon, for `mastobak status`, STATUS= and the D-Bus API.
struct State {
    std::string version;
    std::string signing_key;  ///< line of the public key (public_key_line()); empty: none yet
    std::string config{};     ///< path of the daemon's configuration file
    std::optional<RunningState> running;
    std::optional<RunRecord> dry_run;  ///< the last dry run of this daemon
    History history;
    std::optional<Timestamp> next_run;  ///< nullopt: the schedule is off
    std::vector<offsite::RemoteState> offsite;
    std::vector<backup::PruneReport> pruned;  ///< how retention went the last time at each place
    bool pruning = false;                     ///< retention runs in staging, outside of a run
    std::optional<RunningState> drilling;     ///< the drill that is in progress
    Drills drills;
    std::optional<RunningState> scrubbing;  ///< the slice of the scrub that is being read
    std::vector<scrub::Summary> scrubs;     ///< the state of the scrub at each place
    std::optional<Storage> storage;         ///< nullopt: staging was not examined yet
    std::string reload_problem;  ///< why the last new configuration was refused; empty: it was not
    bool no_remote_acknowledged = false;
    std::string staging_problem;  ///< why staging cannot be used; empty: it can
};

}  // namespace mastobak::daemon
