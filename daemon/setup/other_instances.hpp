// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "config/config.hpp"

namespace mastobak::daemon {

/// Checks that no other instance of this host stops the same units or containers: each would stop
/// the other's Mastodon, too, and back up a database that still changes.
/// \param config of an instance
/// Throws Error{config} that names the other configuration.
void check_other_instances(const config::Config& config);

}  // namespace mastobak::daemon
