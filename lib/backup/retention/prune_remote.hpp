// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>

#include "backup/retention/prune.hpp"
#include "config/config.hpp"
#include "core/clock.hpp"
#include "offsite/remote.hpp"

namespace mastobak::backup {

/// Applies retention to a remote: its own, or else that of staging. Removes nothing until all sets
/// queued for the remote, and the newest set, are there. Also copies pins to the remote and removes
/// released ones. Blocks; the remote must not be used elsewhere during the call.
/// \param entry the entry of `offsite:` for the remote
/// Throws Error{offsite}, Error{staging}, Error{cancelled}.
PruneReport prune_remote(const config::Config& config, const config::Remote& entry,
                         offsite::Remote& remote, Timestamp now, PruneOptions options,
                         std::stop_token stop);

}  // namespace mastobak::backup
