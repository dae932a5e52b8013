// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "units/stopped_units.hpp"

namespace mastobak::units {

/// The units to start, in the order in which they were stopped. `stopped_at` has the units that
/// this process has stopped.
struct StartJob {
    std::vector<std::string> names;
    std::map<std::string, StopTime> stopped_at{};
    /// Units that run, but are quiet. They are restarted first.
    std::vector<std::string> quieted{};
};

/// The result of starting units.
struct Started {
    StartReport report{};
    std::vector<std::string> refused{};      ///< because systemd is shutting down
    std::vector<std::string> still_quiet{};  ///< quiet units: systemd could not be reached
};

/// Puts the socket units before all others, for the stop and for the start: a connection to a
/// socket starts its service again, and systemd does not start a socket while its service runs.
void put_sockets_first(std::vector<std::string>& names);

/// Starts units in reverse order, sockets first, waits until each is active, and tries again when
/// that fails.
/// Does not throw: failures are in the report.
async::Task<Started> start_units(UnitControl& control, StartJob job, StopOptions options,
                                 Clock& clock, StoppedUnits::Report report);

}  // namespace mastobak::units
