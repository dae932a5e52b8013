// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "daemon/backups/backups.hpp"
#include "daemon/cli/command.hpp"

namespace mastobak::daemon {

/// The same work without the daemon. SIGINT, SIGTERM and SIGHUP cancel a run and a drill.
class InProcess : public Backups {
 public:
    explicit InProcess(const Options& options) : options_(options) {}

    /// Returns what the daemon has written into its state directory.
    State state() override;
    RunRecord run(const RunRequest& request, const OnProgress& show) override;
    /// With DrillRequest::from, it does not need a configuration.
    DrillRecord drill(const DrillRequest& request, const OnProgress& show) override;
    /// An error of staging is thrown; one of a remote is in its report.
    std::vector<backup::PruneReport> prune(backup::PruneOptions options) override;

 private:
    const Options options_;
};

/// Returns InProcess if `standalone`, otherwise InDaemon.
std::unique_ptr<Backups> backups_by(bool standalone, const Options& options);

}  // namespace mastobak::daemon
