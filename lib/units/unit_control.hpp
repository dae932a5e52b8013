// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.hpp"
#include "core/error.hpp"
#include "units/inhibitor.hpp"

namespace mastobak::units {

/// One loaded unit, as systemd's Manager.ListUnitsByPatterns describes it.
struct Unit {
    std::string name;
    std::string active_state;  ///< "active", "inactive", "failed", "activating", …
    std::string sub_state;

    bool active() const { return active_state == "active" || active_state == "reloading"; }
    bool operator==(const Unit&) const = default;
};

/// One process of a unit, as Manager.GetUnitProcesses describes it.
struct Process {
    std::uint32_t pid = 0;
    std::string command;  ///< its command line; a program that writes its title shows that

    bool operator==(const Process&) const = default;
};

/// Which processes of a unit get a signal; systemd sends it to no other selection of them.
enum class Whom {
    main,  ///< the main process alone
    all,   ///< each process of the unit
};

/// What became of a job; see org.freedesktop.systemd1(5), signal JobRemoved.
enum class JobResult {
    done,     ///< skipped, too: there was nothing to do
    failed,   ///< failed, timeout, dependency, canceled
    refused,  ///< systemd is shutting down and takes no such job (TransactionIsDestructive)
};

/// systemd, as far as a backup needs it. SystemdControl is the real one; tests have a fake that
/// passes the same contract suite.
class UnitControl {
 public:
    virtual ~UnitControl() = default;

    /// The loaded units that match one of the patterns, each once, in the order of the patterns
    /// and by name within one.
    /// Throws Error{units} when systemd cannot be reached.
    virtual async::Task<std::vector<Unit>> list(std::vector<std::string> patterns) = 0;

    /// Stops a unit and waits for the job. Throws Error{units} when systemd cannot be reached or
    /// denies it. Cancel: stops waiting; the job continues.
    virtual async::Task<JobResult> stop(std::string name) = 0;

    /// Starts a unit and waits for the job.
    virtual async::Task<JobResult> start(std::string name) = 0;

    /// Stops and starts a unit as one job, and waits for it; one that is not active is started.
    virtual async::Task<JobResult> restart(std::string name) = 0;

    /// Asks systemd, in ways that change nothing about a unit that is active, whether it (by polkit)
    /// lets us start that unit and stop it.
    /// Throws Error{units} when it does not, or systemd cannot be reached.
    virtual async::Task<> check_may_control(std::string name) = 0;

    /// Sends a signal to processes of the unit.
    /// Throws Error{units} when systemd denies it, or there is no such process.
    virtual async::Task<> kill(std::string name, Whom whom, int signal) = 0;

    /// The unit's processes, as systemd reads them: also those that we could not see ourselves.
    /// None for a unit that does not run.
    virtual async::Task<std::vector<Process>> processes(std::string name) = 0;

    /// The unit as it is now; nothing when it is not loaded.
    virtual async::Task<std::optional<Unit>> query(std::string name) = 0;

    /// A property of the unit's service as text ("WorkingDirectory", "User", "FragmentPath");
    /// lists (Environment, DropInPaths) one element a line. Nothing when there is no such unit
    /// or property.
    virtual async::Task<std::optional<std::string>> property(std::string unit,
                                                             std::string name) = 0;

    /// Delays a shutdown of the host as long as the lock lives; see inhibit_shutdown().
    virtual async::Task<Inhibitor> inhibit_shutdown() = 0;

    /// Asks for the start (or restart) of units without waiting for anything: the last net,
    /// callable when the loop does not run any more. Never throws.
    virtual void start_no_reply(const std::vector<std::string>& names) noexcept = 0;
    virtual void restart_no_reply(const std::vector<std::string>& names) noexcept = 0;
};

}  // namespace mastobak::units
