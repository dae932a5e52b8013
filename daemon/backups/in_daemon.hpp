// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bus/client.hpp"
#include "core/instance.hpp"
#include "daemon/backups/backups.hpp"
#include "daemon/cli/command.hpp"
#include "daemon/records/notifications.hpp"

namespace mastobak::daemon {

/// The running daemon, for the commands. All functions throw Error{unavailable} (with the hint how
/// to start the daemon) when it does not run, and Error{denied} when this user may not call them.
class InDaemon : public Backups {
 public:
    /// Throws Error{usage} when the options name a configuration that is not the daemon's.
    explicit InDaemon(const Options& options);

    State state() override;
    /// Starts a run or a dry run, or follows the one in progress. Ctrl-C ends this process and not
    /// the run. Throws Error{busy}; Error{usage} when there is nothing to follow.
    RunRecord run(const RunRequest& request, const OnProgress& show) override;
    /// Throws Error{busy}; Error{usage} when the place is not one of the daemon's remotes.
    DrillRecord drill(const DrillRequest& request, const OnProgress& show) override;
    /// It does not wait for a remote that has queued uploads. Throws Error{busy} while a run is in
    /// progress.
    std::vector<backup::PruneReport> prune(backup::PruneOptions options) override;
    void cancel();
    void upload();
    /// Sends test messages to a target, or to all if the name is empty. Throws Error{busy|usage}.
    std::vector<NotifyResult> test_notifications(const std::string& target);
    /// Notifies the daemon of a set that this process has published.
    void added(const std::string& set);
    /// Lets the daemon notify its targets of a run that this process has begun or ended.
    void ran(const std::string& id);

 private:
    template <typename Work>
    auto with_hint(Work work);
    std::string start(const RunRequest& request);

    Instance instance_;
    std::unique_ptr<bus::Client> client_;
};

}  // namespace mastobak::daemon
