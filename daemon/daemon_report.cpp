// SPDX-License-Identifier: GPL-3.0-or-later
#include <spdlog/spdlog.h>

#include <string>
#include <utility>

#include "async/run_blocking.hpp"
#include "core/error.hpp"
#include "daemon/daemon.hpp"
#include "daemon/report/collect.hpp"

namespace mastobak::daemon {

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
