// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "units/unit_control.hpp"

namespace mastobak::units {

/// By unit: those of the running ones that stop along with it.
using Dependents = std::map<std::string, std::vector<std::string>>;

/// Finds out by the units' dependencies. To be asked before the first one is stopped: an instance
/// is unloaded when it stops, and its dependencies with it. Throws Error{units}.
async::Task<Dependents> find_dependents(UnitControl& control, std::vector<std::string> running);

}  // namespace mastobak::units
