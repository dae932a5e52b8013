// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "async/task.hpp"
#include "backup/plan.hpp"
#include "config/config.hpp"
#include "core/instance.hpp"
#include "units/unit_control.hpp"

/// systemd for commands without an event loop.
namespace mastobak::daemon {

/// Runs one task that uses systemd, or containers of this host.
/// \param instance  whose helper controls the containers
/// \param make_task called once; its task is run to the end
/// Throws the exceptions of the task, and Error{unavailable|denied} without a bus.
void run_with_systemd(const Instance& instance,
                      const std::function<async::Task<>(units::UnitControl&)>& make_task);

/// Does the same, and returns the result of the task.
template <typename MakeTask>
auto with_systemd(const Instance& instance, MakeTask make_task) {
    using Result = typename std::invoke_result_t<MakeTask, units::UnitControl&>::value_type;
    std::optional<Result> result;
    const auto keep = [](async::Task<Result> task, std::optional<Result>& to) -> async::Task<> {
        to.emplace(co_await std::move(task));
    };
    run_with_systemd(instance,
                     [&](units::UnitControl& control) { return keep(make_task(control), result); });
    return std::move(*result);
}

/// Examines this host as the preflight of a run does.
/// Throws the errors of backup::make_plan().
backup::Plan plan_of_host(const config::Config& config);

/// Stops Mastodon's units, does some work, and starts the units again, also after an error. The
/// units are recorded meanwhile, so that `mastobak resume-units` (or the next start of the daemon)
/// can start them if this process is killed. Orphaned units of an earlier process are started first.
/// \param work runs in a separate thread
/// \param say called with a description of each stop and start
/// Throws Error{busy} when a run is in progress, Error{units}, and the exceptions of the work.
void with_units_stopped(const config::Config& config, std::function<void()> work,
                        std::function<void(const std::string&)> say);

}  // namespace mastobak::daemon
