// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "config/config.hpp"

namespace mastobak::daemon {

/// Does work while Mastodon's units are stopped, for commands without a loop of their own; they are
/// started again whatever becomes of it, and recorded meanwhile, so that `mastobak resume-units`
/// (or the daemon's next start) starts what a killed process has left. What an earlier one has left
/// is started first.
/// \param work runs in a thread of its own
/// \param say  told in plain words what is stopped and started
/// Throws Error{busy} when a run is in progress, Error{units}, and what the work throws.
void with_units_stopped(const config::Config& config, std::function<void()> work,
                        std::function<void(const std::string&)> say);

}  // namespace mastobak::daemon
