// SPDX-License-Identifier: GPL-3.0-or-later

#include <spdlog/spdlog.h>

#include <string>
#include <utility>

#include "async/run_blocking.hpp"
#include "core/error.hpp"
#include "daemon/daemon.hpp"
#include "daemon/records/acknowledged.hpp"
#include "daemon/report/report.hpp"

namespace mastobak::daemon {

void Daemon::notify_of_end(const RunRecord& record) {
    notifier_.send(message_of_end(record, last_lines_->with("run=" + record.id), config_.instance));
}

// Handles a run without the daemon, which has written the history itself. While it is in progress,
// this daemon's history keeps the last run that has ended.
void Daemon::notify_of_other(const std::string& id) {
    auto theirs = read_history(config_.state_directory, clock_.now());
    if (!theirs.last_run || theirs.last_run->id != id || agenda_.is_under_way(Work::run)) {
        log_->warn("run={} was announced by another process and is not in the history, ignoring",
                   quoted_value(id));
        return;
    }
    auto record = *theirs.last_run;
    if (!record.finished_at) {
        notifier_.send(message_of_start(record, config_.instance));
        return;
    }
    history_ = std::move(theirs);
    leave_out_acknowledged(config_.state_directory, record);
    notify_of_end(record);
    tell_status();
}

// Before the daemon is ready, and without the state of the uploads, the health is not known.
void Daemon::notify_of_health(const State& current, const Health& health) {
    if (!agenda_.ready() || agenda_.stopping() || !uploads_) return;
    const bool may_heal = !current.running;
    notifier_.update(health, history_, config_.alerts, may_heal);
}

async::Task<> Daemon::keep_report() {
    if (!config_.report) co_return;
    const auto now = clock_.now();
    auto current = state();
    auto health = judge(current, newest_, config_, now);
    async::BlockingWork work = [config = config_, current = std::move(current),
                                health = std::move(health), now](std::stop_token) {
        report::write_report(config.state_directory, report::collect(config, current, health, now));
    };
    try {
        co_await async::run_blocking(run_pool_, std::move(work));
    } catch (const std::exception& error) {
        log_->warn("report.html: {}, ignoring", error.what());
    }
}

}  // namespace mastobak::daemon
