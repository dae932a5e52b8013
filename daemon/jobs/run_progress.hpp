// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <spdlog/fwd.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "backup/observer.hpp"
#include "daemon/jobs/time_left.hpp"
#include "daemon/records/acknowledged.hpp"
#include "daemon/records/daemon_state.hpp"

namespace mastobak::daemon {

/// Observes one run. Logs its messages with the run's id. state() may be called from any thread.
class RunProgress final : public backup::Observer {
 public:
    using OnStep = std::function<void(const std::string& step)>;

    RunProgress(std::shared_ptr<spdlog::logger> log, std::string id, Timestamp started_at,
                OnStep on_step = {}, Acknowledged acknowledged = {});

    void step(std::string_view name) override;
    void progress(double fraction, std::string_view detail) override;
    void message(backup::Severity severity, std::string_view text) override;

    RunningState state() const;

 private:
    const std::shared_ptr<spdlog::logger> log_;
    const OnStep on_step_;
    const Acknowledged acknowledged_;  ///< warnings that are not logged
    mutable std::mutex mutex_;
    RunningState state_;  ///< guarded by mutex_
    TimeLeft time_left_;  ///< guarded by mutex_
};

}  // namespace mastobak::daemon
