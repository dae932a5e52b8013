// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "config/config.hpp"

namespace mastobak::daemon {

/// Stops Mastodon's units, does some work, and starts the units again, also after an error. For
/// commands without an event loop. The units are recorded meanwhile, so that `mastobak
/// resume-units` (or the next start of the daemon) can start them if this process is killed.
/// Orphaned units of an earlier process are started first.
/// \param work runs in a separate thread
/// \param say called with a description of each stop and start
/// Throws Error{busy} when a run is in progress, Error{units}, and the exceptions of the work.
void with_units_stopped(const config::Config& config, std::function<void()> work,
                        std::function<void(const std::string&)> say);

}  // namespace mastobak::daemon
