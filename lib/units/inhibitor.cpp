// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/inhibitor.hpp"

#include <chrono>
#include <utility>

#include "bus/connection.hpp"
#include "core/error.hpp"

namespace mastobak::units {

async::Task<Inhibitor> inhibit_shutdown(bus::Connection& connection, std::string why) {
    bus::Call call{.destination = "org.freedesktop.login1",
                   .path = "/org/freedesktop/login1",
                   .interface = "org.freedesktop.login1.Manager",
                   .method = "Inhibit",
                   .arguments = {std::string("shutdown"), std::string("mastobak"), std::move(why),
                                 std::string("delay")},
                   .returns = "h",
                   // Mastodon is still running then, so waiting costs no downtime, but the run must
                   // not hang.
                   .timeout = std::chrono::seconds(5)};
    bus::Reply reply;
    try {
        reply = co_await connection.exchange(std::move(call));
    } catch (const Error& e) {
        if (e.code() != Errc::unavailable && e.code() != Errc::denied) throw;
        co_return Inhibitor();
    }
    if (reply.ok()) co_return Inhibitor(reply.values.at(0).descriptor());
    if (reply.error_name == "org.freedesktop.login1.OperationInProgress")
        throw Error(Errc::shutdown, "the host is shutting down, so Mastodon is not stopped now",
                    "the next start of mastobak makes up for the run (schedule.catch_up)");
    co_return Inhibitor();
}

}  // namespace mastobak::units
