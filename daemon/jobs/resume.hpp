// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "config/config.hpp"
#include "core/clock.hpp"
#include "units/stopped_units.hpp"

namespace mastobak::daemon {

/// Starts orphaned units. Does nothing while a run of another process is in progress, because that
/// run starts its units itself.
async::Task<units::StartReport> resume_orphaned_units(units::UnitControl& control,
                                                      const config::Config& config, Clock& clock);

}  // namespace mastobak::daemon
