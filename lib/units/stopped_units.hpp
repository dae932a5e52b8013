// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "units/maintenance_page.hpp"
#include "units/record.hpp"
#include "units/unit_control.hpp"

namespace mastobak::units {

/// How units are stopped and started, from the configuration.
struct StopOptions {
    std::vector<std::string> patterns;
    std::chrono::seconds stop_timeout{120};   ///< for each unit
    std::chrono::seconds start_timeout{120};  ///< for each unit, all attempts together
    int start_attempts = 5;
    /// The pause before the second attempt to start a unit; it is doubled after each attempt.
    std::chrono::milliseconds retry_pause{500};
    std::filesystem::path maintenance_file{};  ///< exists while units are stopped; empty: none
};

/// How long a unit was down: from the stop call until it was active again.
struct UnitDowntime {
    std::string unit;
    Timestamp stopped_at;
    std::chrono::nanoseconds down{0};
};

/// When a unit was stopped, by the system clock for reports and by the steady clock for durations.
struct StopTime {
    Timestamp when;
    std::chrono::steady_clock::time_point steady;
    bool confirmed = false;  ///< the unit did stop
};

/// The result of making sidekiq quiet.
struct QuietReport {
    std::vector<std::string> quieted;    ///< the sidekiq units that got the signal
    std::chrono::nanoseconds waited{0};  ///< until they had no jobs left
    std::vector<std::string> warnings;   ///< about jobs that had not ended in time, and others
};

/// The result of starting the stopped units.
struct StartReport {
    /// When the first unit was started.
    std::chrono::steady_clock::time_point begun{};
    std::vector<UnitDowntime> downtime;
    std::vector<std::string> started;   ///< by this process: they were not active before
    std::vector<std::string> down;      ///< stayed down: critical
    std::vector<std::string> warnings;  ///< refused at shutdown, started by another process, …
};

/// For each unit, the running units that systemd stops along with it.
using Dependents = std::map<std::string, std::vector<std::string>>;

/// The units that a run has stopped, with the guarantee that they are started again.
///
/// Each unit is recorded durably immediately before its stop call, with its dependents (PartOf=).
/// It is not recorded earlier, because a unit that an admin stops in the meantime must not be
/// started. The maintenance page exists from before the first stop until after the last start.
/// start() starts exactly the recorded units, in reverse order. The destructor requests the starts
/// that start() has not done, without waiting for them.
///
/// A shutdown of the host is delayed as long as units are stopped (inhibitor.hpp). Units that are
/// about to become active (Restart=) count as active.
class StoppedUnits {
 public:
    /// Called with each event, for the log and for sd_notify's EXTEND_TIMEOUT_USEC.
    using Report = std::function<void(const std::string& event)>;

    StoppedUnits(UnitControl& control, Record record, StopOptions options, Clock& clock,
                 Report report = {});
    ~StoppedUnits();
    StoppedUnits(const StoppedUnits&) = delete;
    StoppedUnits& operator=(const StoppedUnits&) = delete;

    /// Makes the active sidekiq units among those that match quiet (SIGTSTP), and waits until they
    /// have finished their jobs. Quiet cannot be undone without a restart, so start() and the
    /// destructor restart the quiet units that stop() has not stopped. A record of its own
    /// (quieted-units, beside the other one) lets resume() do that.
    ///
    /// Only a unit with a process whose title is sidekiq's gets the signal, because the signal
    /// would suspend any other program.
    /// \param limit how long the jobs may take; after that, sidekiq's own time limit applies to
    ///              them
    /// Throws Error{units} when systemd cannot be reached, Error{staging|units} for the record.
    async::Task<QuietReport> quiet(std::chrono::seconds limit);

    /// Finds the active units that match, and records and stops them one after the other. Then
    /// looks for active units again, and stops those as well, because units may come back (by a
    /// dependency, a timer, an admin). A unit that an admin stops before its turn is not recorded.
    /// Throws Error{units} when a unit does not stop. Units that were stopped before stay recorded,
    /// and start() starts them again.
    async::Task<> stop();

    /// Starts the units that stop() has stopped, and waits until they are active: first each unit
    /// once, then again those that failed or take long. Units that these starts have brought up by
    /// dependencies, and that did not run before, are stopped again. Removes the record when all
    /// units are up; otherwise the record names the units that are not.
    /// Cancel: start() still finishes; the caller's next co_await throws. (A caller that was
    /// cancelled before has to reset its cancellation state first, because no co_await works until
    /// then.)
    async::Task<StartReport> start();

    /// Returns the names of the units, in the order in which they were stopped.
    const std::vector<std::string>& names() const { return names_; }

 private:
    async::Task<> stop_one(std::string name);
    async::Task<bool> take(std::string name, const Dependents& dependents);
    void remember(const std::vector<std::string>& names);
    void say(const std::string& event) const;

    UnitControl& control_;
    Record record_;
    Record quieted_record_;
    MaintenancePage page_;
    StopOptions options_;
    Clock& clock_;
    Report report_;
    std::vector<std::string> names_;
    std::vector<std::string> to_start_;  ///< units of names_ that have to be started
    std::vector<std::string> quieted_;   ///< quiet units that still run
    std::map<std::string, StopTime> stopped_at_;
    Inhibitor inhibitor_{};  ///< from before the first stop until after the last start
};

/// Returns whether an earlier process has left work for resume().
bool has_leftovers(const Record& record, const StopOptions& options);

/// Starts the units in the record of an earlier process, and removes the record. This starts
/// Mastodon again after the daemon was killed (`mastobak resume-units`, and the daemon when it
/// starts). Units that are already active are not changed.
async::Task<StartReport> resume(UnitControl& control, Record record, StopOptions options,
                                Clock& clock);

}  // namespace mastobak::units
