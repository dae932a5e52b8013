// SPDX-License-Identifier: GPL-3.0-or-later
#include <spdlog/spdlog.h>

#include <utility>

#include "daemon/daemon.hpp"
#include "daemon/records/retry.hpp"

namespace mastobak::daemon {

async::Task<> Daemon::make_dry_run() {
    auto record = new_record(clock_.now());
    record.dry_run = true;
    log_->info("run={} started by=request dry_run=yes", record.id);
    stop_run_ = {};
    cancellation_ = {CutOff::service, " because the daemon was stopped"};
    progress_ = std::make_unique<RunProgress>(log_, record.id, record.started_at,
                                              [this](const std::string&) { tell_status(); });
    return one_dry_run(std::move(record));
}

async::Task<> Daemon::one_dry_run(RunRecord record) {
    // A dry run gets no change journal: the next run needs its changes.
    const backup::Services services{units_, run_pool_, clock_, *progress_};
    auto outcome = co_await perform_dry(services, config_, std::move(record), stop_run_.get_token(),
                                        log_, [this] { return cancellation_; });
    dry_run_ = std::move(outcome.record);
    progress_.reset();
    control_->finished(*dry_run_);
    tell_status();
}

}  // namespace mastobak::daemon
