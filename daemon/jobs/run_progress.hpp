// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <spdlog/fwd.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "backup/steps.hpp"
#include "daemon/records/acknowledged.hpp"
#include "daemon/records/daemon_state.hpp"
#include "restore/drill/drill.hpp"

namespace mastobak::daemon {

/// Estimates the time left in a step from its average rate since the first call.
class TimeLeft {
 public:
    using Time = std::chrono::steady_clock::time_point;

    /// \param fraction progress of the step, 0 to 1; negative when not known
    /// \return nullopt during the first second and the first 2 % of the step, when an estimate
    ///        would be unreliable
    std::optional<std::chrono::seconds> after(double fraction, Time now) {
        using Seconds = std::chrono::duration<double>;
        if (fraction < 0 || fraction > 1) return std::nullopt;
        if (!began_ || fraction < first_) {
            began_ = now;
            first_ = fraction;
        }
        const Seconds so_far = now - *began_;
        const double done = fraction - first_;
        if (so_far < std::chrono::seconds(1) || done < 0.02) return std::nullopt;
        return std::chrono::ceil<std::chrono::seconds>(so_far * ((1 - fraction) / done));
    }

 private:
    std::optional<Time> began_;
    double first_ = 0;
};

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

/// The progress of a drill: written by the drill's thread, read by the loop's thread.
class DrillProgressBox {
 public:
    DrillProgressBox(std::string id, Timestamp started_at) {
        state_.id = std::move(id);
        state_.started_at = started_at;
        state_.step = "fetch";
    }
    void put(const restore::DrillProgress& now) {
        const std::lock_guard lock(mutex_);
        state_.step = now.step;
        state_.fraction = now.fraction;
        state_.detail = now.detail;
    }
    RunningState state() const {
        const std::lock_guard lock(mutex_);
        return state_;
    }

 private:
    mutable std::mutex mutex_;
    RunningState state_;
};

}  // namespace mastobak::daemon
