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

/// Calls a hook when the daily run is due. It uses the wall clock, and handles a changed clock and
/// a suspended host.
class Scheduler {
 public:
    struct Hooks {
        std::function<void(const char* why)> due;  ///< "schedule", "catch-up" or "retry"
        std::function<std::optional<Timestamp>()> last_run;
        Timestamp known_since;  ///< runs before this time do not count as missed
        /// Returns when a failed run is tried again; nullopt or an empty function when it is not.
        std::function<std::optional<Timestamp>()> retry{};
    };

    Scheduler(config::Schedule schedule, Clock& clock, Hooks hooks);

    /// Runs until cancelled; returns at once when the schedule is off.
    async::Task<> run();
    /// Returns when the next run is due; nullopt when the schedule is off.
    std::optional<Timestamp> next() const { return retry_ ? retry_ : next_; }

 private:
    void plan_next();
    void catch_up();

    const config::Schedule schedule_;
    Clock& clock_;
    const Hooks hooks_;
    schedule::Daily daily_;  ///< schedule, with the random delay of the next run
    std::optional<Timestamp> next_;
    std::optional<Timestamp> retry_;  ///< a retry, earlier than `next_`
    std::optional<Timestamp> last_due_;
};

}  // namespace mastobak::daemon
