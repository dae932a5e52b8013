// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/with_systemd.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>

#include "bus/connection.hpp"
#include "units/systemd_control.hpp"

namespace mastobak::daemon {

void with_systemd(const std::function<async::Task<>(units::UnitControl&)>& make_task) {
    boost::asio::io_context loop(1);
    bus::Connection bus(loop);
    units::SystemdControl control(bus);
    std::exception_ptr failure;
    // The connection keeps the loop busy until it is closed, whatever becomes of the task.
    boost::asio::co_spawn(loop, make_task(control), [&](std::exception_ptr e) {
        failure = e;
        bus.close();
    });
    loop.run();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace mastobak::daemon
