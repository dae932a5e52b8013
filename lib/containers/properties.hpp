// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "containers/engine.hpp"

namespace mastobak::containers {

/// Returns a property of a container as UnitControl::property() does; see ContainerControl.
std::optional<std::string> read_property(const Connection& to, const units::ContainerName& name,
                                         const std::string& property);

/// Returns the process that a signal to the first one reaches: the first one itself, or the only
/// child of an init that passes signals on. 0: there is none.
/// \param first the first process of the container
std::uint32_t main_process(const std::vector<ContainerProcess>& processes, std::uint32_t first);

/// Converts an instant of the system clock to microseconds of CLOCK_MONOTONIC, as systemd reports
/// instants. An instant before the boot becomes 0.
std::string to_monotonic(Timestamp time, const Clock& clock);

}  // namespace mastobak::containers
