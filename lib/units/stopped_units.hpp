// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "units/dependents.hpp"
#include "units/maintenance_page.hpp"
#include "units/record.hpp"
#include "units/unit_control.hpp"

namespace mastobak::units {

/// How units are stopped and started; from the configuration.
struct StopOptions {
    std::vector<std::string> patterns;
    std::chrono::seconds stop_timeout{120};   ///< for one unit
    std::chrono::seconds start_timeout{120};  ///< for one unit, all attempts together
    int start_attempts = 5;
    std::chrono::milliseconds retry_pause{500};  ///< before the second attempt; doubled after each
    std::filesystem::path maintenance_file{};    ///< there while they are stopped; empty: none
};

/// How long one unit was down: from the stop call until it was active again.
struct UnitDowntime {
    std::string unit;
    Timestamp stopped_at;
    std::chrono::nanoseconds down{0};
};

/// When a unit was stopped, by both clocks: one says when, the other how long ago.
struct StopTime {
    Timestamp when;
    std::chrono::steady_clock::time_point steady;
    bool confirmed = false;  ///< it did stop
};

/// What became of the request to take no new jobs.
struct QuietReport {
    std::vector<std::string> quieted;    ///< the units of sidekiq that were told
    std::chrono::nanoseconds waited{0};  ///< until they had nothing left to do
    std::vector<std::string> warnings;   ///< jobs that went on at the end of the time, …
};

/// What happened to the units that were stopped.
struct StartReport {
    /// When the first unit was asked to start.
    std::chrono::steady_clock::time_point begun{};
    std::vector<UnitDowntime> downtime;
    std::vector<std::string> started;   ///< by us: they were not active before
    std::vector<std::string> down;      ///< stayed down: critical
    std::vector<std::string> warnings;  ///< refused at shutdown, started by somebody else, …
};

/// The units that a run has stopped, and the promise that they run again.
///
/// Each unit is recorded durably before its stop call, with those that stopping it takes along
/// (PartOf=), and not earlier: what an admin stops meanwhile is his. The maintenance page is up
/// before the first one and down after the last start. start() starts exactly those, in reverse
/// order. The destructor asks for what start() has not done, without waiting.
///
/// A shutdown of the host is delayed meanwhile (inhibitor.hpp).
///
/// Units that are about to become active (Restart=) count as active.
class StoppedUnits {
 public:
    /// Called with what is going on, for the log and sd_notify's EXTEND_TIMEOUT_USEC.
    using Report = std::function<void(const std::string& event)>;

    StoppedUnits(UnitControl& control, Record record, StopOptions options, Clock& clock,
                 Report report = {});
    ~StoppedUnits();
    StoppedUnits(const StoppedUnits&) = delete;
    StoppedUnits& operator=(const StoppedUnits&) = delete;

    /// Tells the active units of sidekiq among those that match to take no new jobs (SIGTSTP), and
    /// waits until they have finished those that they work on. That cannot be taken back: start()
    /// and the destructor restart those that stop() did not come to, and a record of its own
    /// (quieted-units, beside the other) has resume() do so.
    ///
    /// Only a process whose title is sidekiq's gets the signal: it would suspend another one.
    /// \param limit how long the jobs may take; then they are left to sidekiq's own time-out
    /// Throws Error{units} when systemd cannot be reached, Error{staging|units} for the record.
    async::Task<QuietReport> quiet(std::chrono::seconds limit);

    /// Finds the active units that match, records and stops them, one after the other; then looks
    /// again, since units come back (by a dependency, a timer, an admin), and stops those as well.
    /// A unit that an admin stops before its turn is not ours to start.
    /// Throws Error{units} when one does not stop; those stopped before stay recorded, and start()
    /// brings them back.
    async::Task<> stop();

    /// Starts what stop() stopped and waits until active: each one once, then again those that
    /// failed or take long. What these starts have brought up besides, by dependencies, and did not
    /// run before, is stopped. The record goes when all are up; otherwise it names those that are
    /// not.
    /// Cancel: it is finished all the same; the caller's next co_await throws. (A caller that has
    /// been cancelled before has to reset its cancellation state: no co_await works until then.)
    async::Task<StartReport> start();

    /// The names, in the order in which they were stopped.
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
    std::vector<std::string> to_start_;  ///< of those: still to be started
    std::vector<std::string> quieted_;   ///< told to take no new jobs, and still running
    std::map<std::string, StopTime> stopped_at_;
    Inhibitor inhibitor_{};  ///< from before the first stop until after the last start
};

/// Whether an earlier process has left anything for resume().
bool has_leftovers(const Record& record, const StopOptions& options);

/// Starts what a record of an earlier process says, and removes the record: the net under a killed
/// daemon (`mastobak resume-units`, and the daemon at its start). Units that are active already
/// are left alone.
async::Task<StartReport> resume(UnitControl& control, Record record, StopOptions options,
                                Clock& clock);

}  // namespace mastobak::units
