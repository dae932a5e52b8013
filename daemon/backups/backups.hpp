// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "backup/retention/prune.hpp"
#include "daemon/jobs/drill_job.hpp"
#include "daemon/records/daemon_state.hpp"

namespace mastobak::daemon {

/// The arguments of `mastobak run`.
struct RunRequest {
    bool standalone = false;  ///< run in this process, without the daemon
    bool no_upload = false;   ///< do not upload queued sets after a standalone run
    bool follow = false;      ///< start no run, only follow the one in progress
    bool dry = false;         ///< a dry run
    std::string note{};       ///< text for the manifest; see store::problem_of_note
};

/// The work that a command can have done by the daemon (InDaemon) as well as in its own process
/// (InProcess). All functions block until the work has ended.
class Backups {
 public:
    using OnProgress = std::function<void(const RunningState&)>;

    virtual ~Backups() = default;

    virtual State state() = 0;
    virtual RunRecord run(const RunRequest& request, const OnProgress& show) = 0;
    virtual DrillRecord drill(const DrillRequest& request, const OnProgress& show) = 0;
    /// Applies retention.
    /// \return the result for each place
    virtual std::vector<backup::PruneReport> prune(backup::PruneOptions options) = 0;
};

}  // namespace mastobak::daemon
