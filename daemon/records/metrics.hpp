// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "daemon/records/daemon_state.hpp"
#include "daemon/records/health.hpp"
#include "metrics/gauges.hpp"

namespace mastobak::daemon {

/// What a monitoring system is told of a state: numbers, times, and the names of remotes. Pure.
/// What is not known has no value. mastobak(8) lists all of them.
/// \param last_run the last one that has ended: while a run is in progress, its values stay
std::vector<metrics::Gauge> gauges_of(const State& state, const Health& health,
                                      const std::optional<RunRecord>& last_run);

}  // namespace mastobak::daemon
