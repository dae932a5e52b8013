// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "config/config.hpp"
#include "config/reading.hpp"

namespace mastobak::config {

/// Adds a problem to `reading` for each combination of values that is not valid.
void check(const Config& config, Reading& reading);

}  // namespace mastobak::config
