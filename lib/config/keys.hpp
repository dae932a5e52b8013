// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/entries.hpp"
#include "config/reading.hpp"

namespace mastobak::config {

/// Returns all keys of the file, each with the reader that stores its value in this configuration.
std::vector<Key> keys_of(Config& config);

/// Returns the keys of `retention:`, also in an entry of `offsite:`.
std::vector<Key> keys_of(Retention& retention);

}  // namespace mastobak::config
