// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "bus/client.hpp"
#include "daemon/cli/command.hpp"
#include "daemon/jobs/drill_job.hpp"
#include "daemon/records/daemon_state.hpp"

namespace mastobak::daemon {

/// The running daemon, as the commands see it.
/// All of it throws Error{unavailable} (with the hint how to start it) when there is none, and
/// Error{denied} when this user may not.
class DaemonClient {
 public:
    /// Throws Error{usage} when the options name a configuration that is not the daemon's.
    explicit DaemonClient(const Options& options);

    State state();
    /// \return the run's id. Throws Error{busy}.
    std::string start();
    /// The same for a dry run.
    std::string start_dry();
    void cancel();
    void upload();
    /// Has retention applied, waits for its end, and returns how it went at each place. Where
    /// something is queued for a remote, it is not waited for.
    /// \param unsent sets of staging go, even when they are not off-site yet
    /// Throws Error{busy} while a run is in progress.
    std::vector<backup::PruneReport> prune(bool unsent);
    /// Tells of a set that this process has published.
    void added(const std::string& set);
    /// \return the drill's id. Throws Error{busy}, Error{usage} for a place that is none of its
    /// remotes.
    std::string start_drill(const DrillRequest& request);
    /// As follow() does.
    DrillRecord follow_drill(const std::string& id,
                             const std::function<void(const RunningState&)>& show);
    /// Shows the state again and again until the run has ended.
    RunRecord follow(const std::string& id, const std::function<void(const RunningState&)>& show);

 private:
    template <typename Work>
    auto with_hint(Work work);

    std::unique_ptr<bus::Client> client_;
};

}  // namespace mastobak::daemon
