// SPDX-License-Identifier: GPL-3.0-or-later
//
// logind gives locks only to processes that it can see, so locks are tested on a throwaway host:
// tests/system/never_left_down.
#include "units/inhibitor.hpp"

#include "bus/connection.hpp"
#include "support/catch.hpp"
#include "support/private_bus.hpp"
#include "support/run_on.hpp"

using namespace mastobak;

TEST_CASE("without logind, an inhibitor lock inhibits nothing") {
    const test::PrivateBus bus;
    boost::asio::io_context loop(1);
    bus::Connection connection(loop, bus.address());
    const auto lock = test::run_on(loop, units::inhibit_shutdown(connection, "a test"));
    CHECK_FALSE(lock.held());
    connection.close();
    loop.restart();
    loop.run();
}
