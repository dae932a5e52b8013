// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "async/task.hpp"
#include "config/config.hpp"
#include "core/clock.hpp"
#include "schedule/next_run.hpp"

namespace mastobak::daemon {

/// Calls when the daily run is due: by the wall clock, also when that is set, and after a suspend.
class Scheduler {
 public:
    struct Hooks {
        std::function<void(const char* why)> due;  ///< "schedule", "catch-up" or "retry"
        std::function<std::optional<Timestamp>()> last_run;
        Timestamp known_since;  ///< nothing was missed before
        /// When a run that failed is tried again; empty, or nothing: it is not.
        std::function<std::optional<Timestamp>()> retry{};
    };

    Scheduler(config::Schedule schedule, Clock& clock, Hooks hooks);

    /// Until cancelled; ends at once when the schedule is off.
    async::Task<> run();
    /// When the next run is due; nothing when the schedule is off.
    std::optional<Timestamp> next() const { return retry_ ? retry_ : next_; }

 private:
    void plan_next();
    void catch_up();

    const config::Schedule schedule_;
    Clock& clock_;
    const Hooks hooks_;
    schedule::Daily daily_;  ///< with the delay drawn for the next run
    std::optional<Timestamp> next_;
    std::optional<Timestamp> retry_;  ///< sooner than that
    std::optional<Timestamp> last_due_;
};

}  // namespace mastobak::daemon
