// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backup/plan.hpp"
#include "config/config.hpp"

namespace mastobak::daemon {

/// Examines this host as the preflight of a run does.
/// Throws the errors of backup::make_plan().
backup::Plan plan_of_host(const config::Config& config);

}  // namespace mastobak::daemon
