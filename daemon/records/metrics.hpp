// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "core/instance.hpp"
#include "daemon/records/daemon_state.hpp"
#include "daemon/records/health.hpp"
#include "metrics/gauges.hpp"

namespace mastobak::daemon {

/// Returns the gauges of a state for a monitoring system: numbers, times, and the names of remotes.
/// A gauge whose value is not known has no sample. The samples of an instance with a name have it as
/// the label "name". mastobak(8) lists all gauges. Pure.
/// \param last_run the newest run that has ended; its values stay while another run is in progress
std::vector<metrics::Gauge> gauges_of(const State& state, const Health& health,
                                      const std::optional<RunRecord>& last_run,
                                      const Instance& instance = {});

}  // namespace mastobak::daemon
