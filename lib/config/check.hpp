// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "config/config.hpp"
#include "config/reading.hpp"

namespace mastobak::config {

/// Reports combinations of values that are each right, but not together.
void check(const Config& config, Reading& reading);

}  // namespace mastobak::config
