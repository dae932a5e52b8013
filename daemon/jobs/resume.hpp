// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "config/config.hpp"
#include "core/clock.hpp"
#include "units/stopped_units.hpp"

namespace mastobak::daemon {

/// Starts what a run that died has left stopped; nothing while another process's run is in progress, which
/// starts its units itself.
async::Task<units::StartReport> resume_orphaned_units(units::UnitControl& control,
                                                      const config::Config& config, Clock& clock);

}  // namespace mastobak::daemon
