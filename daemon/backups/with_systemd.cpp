// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/backups/with_systemd.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <exception>

#include "async/job.hpp"
#include "async/run_blocking.hpp"
#include "bus/connection.hpp"
#include "containers/units_and_containers.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "daemon/jobs/resume.hpp"
#include "units/container_name.hpp"
#include "units/stopped_units.hpp"
#include "units/systemd_control.hpp"

namespace mastobak::daemon {
namespace {

using Say = std::function<void(const std::string&)>;

async::Task<> stop_work_start(units::UnitControl& control, const config::Config& config,
                              std::function<void()> work, const Say& say) {
    SystemClock clock;
    boost::asio::thread_pool pool(1);
    co_await resume_orphaned_units(control, config, clock);
    const auto lock = backup::lock_units(config);
    units::StoppedUnits stopped(control, backup::record_of(config), backup::stop_options(config),
                                clock);
    std::exception_ptr failure;
    try {
        co_await stopped.stop();
        say(fmt::format("stopped {}", fmt::join(stopped.names(), " ")));
        async::BlockingWork job = [work = std::move(work)](std::stop_token) { work(); };
        co_await async::run_blocking(pool, std::move(job));
    } catch (...) {
        failure = std::current_exception();
    }
    const auto report = co_await stopped.start();
    for (const auto& warning : report.warnings) say(warning);
    if (report.down.empty()) say(fmt::format("started {}", fmt::join(stopped.names(), " ")));
    if (failure) std::rethrow_exception(failure);
    if (!report.down.empty())
        throw Error(Errc::units,
                    fmt::format("'{}' was stopped and does not start again",
                                fmt::join(report.down, "', '")),
                    units::status_command(report.down.front()));
}

}  // namespace

void run_with_systemd(const Instance& instance,
                      const std::function<async::Task<>(units::UnitControl&)>& make_task) {
    boost::asio::io_context loop(1);
    bus::Connection bus(loop);
    units::SystemdControl systemd(bus);
    containers::UnitsAndContainers control(systemd, instance.containers_socket());
    // The connection keeps the loop busy, so it is closed when the task has ended or failed.
    const async::Job<> job(loop.get_executor(), make_task(control),
                           [&](std::exception_ptr) { bus.close(); });
    loop.run();
    job.rethrow();
}

backup::Plan plan_of_host(const config::Config& config) {
    boost::asio::thread_pool pool(1);
    return with_systemd(config.instance, [&](units::UnitControl& control) {
        return backup::make_plan(config, control, pool);
    });
}

void with_units_stopped(const config::Config& config, std::function<void()> work, Say say) {
    run_with_systemd(config.instance, [&](units::UnitControl& control) {
        return stop_work_start(control, config, work, say);
    });
}

}  // namespace mastobak::daemon
