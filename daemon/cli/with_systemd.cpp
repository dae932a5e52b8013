// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/with_systemd.hpp"

#include <boost/asio/io_context.hpp>

#include "async/job.hpp"
#include "bus/connection.hpp"
#include "containers/units_and_containers.hpp"
#include "units/systemd_control.hpp"

namespace mastobak::daemon {

void with_systemd(const Instance& instance,
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

}  // namespace mastobak::daemon
