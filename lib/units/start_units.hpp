// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "units/stopped_units.hpp"

namespace mastobak::units {

/// Units to start, in the order in which they were stopped; those of `stopped_at` by us, now.
struct StartJob {
    std::vector<std::string> names;
    std::map<std::string, StopTime> stopped_at{};
    /// Those that run, but take no new jobs: restarted first.
    std::vector<std::string> quieted{};
};

/// What became of them.
struct Started {
    StartReport report{};
    std::vector<std::string> refused{};      ///< systemd is shutting down
    std::vector<std::string> still_quiet{};  ///< of the quieted: systemd could not be reached
};

/// Starts units in reverse order, waits until each is active, and tries again where that fails.
/// Throws nothing: what went wrong is in the report.
async::Task<Started> start_units(UnitControl& control, StartJob job, StopOptions options,
                                 Clock& clock, StoppedUnits::Report report);

}  // namespace mastobak::units
