// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "async/task.hpp"
#include "core/instance.hpp"
#include "units/unit_control.hpp"

namespace mastobak::daemon {

/// Runs one task that uses systemd, or containers of this host, for commands without an event loop.
/// \param instance  whose helper controls the containers
/// \param make_task called once; its task is run to the end
/// Throws the exceptions of the task, and Error{unavailable|denied} when there is no bus.
void with_systemd(const Instance& instance,
                  const std::function<async::Task<>(units::UnitControl&)>& make_task);

}  // namespace mastobak::daemon
