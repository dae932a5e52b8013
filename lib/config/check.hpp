// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "config/config.hpp"
#include "config/reading.hpp"

namespace mastobak::config {

/// Reports values that are valid by themselves, but not in combination.
void check(const Config& config, Reading& reading);

}  // namespace mastobak::config
