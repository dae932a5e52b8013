// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "units/unit_control.hpp"

namespace mastobak::units {

/// For each unit, the running units that systemd stops along with it.
using Dependents = std::map<std::string, std::vector<std::string>>;

/// Determines the dependents of running units from their dependencies. Call it before the first
/// unit is stopped: systemd unloads an instance when it stops, and its dependencies with it. Throws
/// Error{units}.
async::Task<Dependents> find_dependents(UnitControl& control, std::vector<std::string> running);

}  // namespace mastobak::units
