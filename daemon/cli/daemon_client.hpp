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

/// A client of the running daemon, for the commands. All functions throw Error{unavailable} (with
/// the hint how to start the daemon) when it does not run, and Error{denied} when this user may not
/// call them.
class DaemonClient {
 public:
    /// Throws Error{usage} when the options name a configuration that is not the daemon's.
    explicit DaemonClient(const Options& options);

    State state();
    /// Starts a run.
    /// \return the run's id
    /// Throws Error{busy}.
    std::string start();
    /// Does the same for a dry run.
    std::string start_dry();
    void cancel();
    void upload();
    /// Lets the daemon apply retention, waits for the end, and returns the result for each place.
    /// It does not wait for a remote that has queued uploads.
    /// \param unsent also remove sets from staging that are not off-site yet
    /// Throws Error{busy} while a run is in progress.
    std::vector<backup::PruneReport> prune(bool unsent);
    /// Notifies the daemon of a set that this process has published.
    void added(const std::string& set);
    /// \return the drill's id
    /// Throws Error{busy}; Error{usage} when the place is not one of the daemon's remotes.
    std::string start_drill(const DrillRequest& request);
    /// Shows the state repeatedly until the drill has ended.
    DrillRecord follow_drill(const std::string& id,
                             const std::function<void(const RunningState&)>& show);
    /// Shows the state repeatedly until the run has ended.
    RunRecord follow(const std::string& id, const std::function<void(const RunningState&)>& show);

 private:
    template <typename Work>
    auto with_hint(Work work);

    std::unique_ptr<bus::Client> client_;
};

}  // namespace mastobak::daemon
