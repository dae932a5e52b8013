// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "async/task.hpp"
#include "core/error.hpp"
#include "units/inhibitor.hpp"

namespace mastobak::units {

/// A loaded unit, as systemd's Manager.ListUnitsByPatterns describes it.
struct Unit {
    std::string name;
    std::string active_state;  ///< "active", "inactive", "failed", "activating", …
    std::string sub_state;

    bool active() const { return active_state == "active" || active_state == "reloading"; }
    bool operator==(const Unit&) const = default;
};

/// A process of a unit, as Manager.GetUnitProcesses describes it.
struct Process {
    std::uint32_t pid = 0;
    std::string command;  ///< command line, or the title that the program has written

    bool operator==(const Process&) const = default;
};

/// Which processes of a unit get a signal; systemd offers no other selection.
enum class Whom {
    main,  ///< only the main process
    all,   ///< each process of the unit
};

/// The result of a job; see org.freedesktop.systemd1(5), signal JobRemoved.
enum class JobResult {
    done,     ///< also for a skipped job, which had nothing to do
    failed,   ///< failed, timeout, dependency, canceled
    refused,  ///< systemd is shutting down (TransactionIsDestructive)
};

/// The part of systemd that a backup needs. SystemdControl is the implementation; tests have a fake
/// that passes the same contract suite.
class UnitControl {
 public:
    virtual ~UnitControl() = default;

    /// Returns the loaded units that match one of the patterns, each once, in the order of the
    /// patterns, and by name for each pattern.
    /// Throws Error{units} when systemd cannot be reached.
    virtual async::Task<std::vector<Unit>> list(std::vector<std::string> patterns) = 0;

    /// Stops a unit and waits for the job. Throws Error{units} when systemd cannot be reached or
    /// denies it. Cancel: stops waiting; the job continues.
    virtual async::Task<JobResult> stop(std::string name) = 0;

    /// Starts a unit and waits for the job. Throws as stop() does.
    virtual async::Task<JobResult> start(std::string name) = 0;

    /// Restarts a unit with one job and waits for it. A unit that is not active is started. Throws
    /// as stop() does.
    virtual async::Task<JobResult> restart(std::string name) = 0;

    /// Checks whether systemd (by polkit) allows this process to start and stop a unit, with
    /// requests that do not change a unit that is active.
    /// Throws Error{units} when it does not, or when systemd cannot be reached.
    virtual async::Task<> check_may_control(std::string name) = 0;

    /// Sends a signal to processes of a unit.
    /// Throws Error{units} when systemd denies it, or when there is no such process.
    virtual async::Task<> kill(std::string name, Whom whom, int signal) = 0;

    /// Returns the processes of a unit as systemd sees them, also those that this process cannot
    /// see itself; none for a unit that does not run.
    virtual async::Task<std::vector<Process>> processes(std::string name) = 0;

    /// Returns the current state of a unit; nullopt when it is not loaded.
    virtual async::Task<std::optional<Unit>> query(std::string name) = 0;

    /// Returns a property of a unit or its service as text ("WorkingDirectory", "User",
    /// "FragmentPath"); a list (Environment, DropInPaths) has one element on each line. Returns
    /// nullopt when there is no such unit or property.
    virtual async::Task<std::optional<std::string>> property(std::string unit,
                                                             std::string name) = 0;

    /// Delays a shutdown of the host as long as the returned object exists; see inhibit_shutdown().
    virtual async::Task<Inhibitor> inhibit_shutdown() = 0;

    /// Requests the start (or restart) of units without waiting for the result. Works when the
    /// event loop does not run any more. Never throws.
    virtual void start_no_reply(const std::vector<std::string>& names) noexcept = 0;
    virtual void restart_no_reply(const std::vector<std::string>& names) noexcept = 0;
};

/// Returns a property that is one value; empty when there is no such unit or property.
inline async::Task<std::string> value_of(UnitControl& control, std::string unit, std::string name) {
    const auto value = co_await control.property(std::move(unit), std::move(name));
    co_return value.value_or("");
}

/// Returns the elements of a property that is a list.
inline async::Task<std::vector<std::string>> elements_of(UnitControl& control, std::string unit,
                                                         std::string name) {
    std::istringstream lines(co_await value_of(control, std::move(unit), std::move(name)));
    std::vector<std::string> elements;
    for (std::string line; std::getline(lines, line);)
        if (!line.empty()) elements.push_back(std::move(line));
    co_return elements;
}

}  // namespace mastobak::units
