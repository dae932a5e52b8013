// SPDX-License-Identifier: GPL-3.0-or-later
#include "bus/client.hpp"

#include <unistd.h>

#include <boost/asio/post.hpp>
#include <chrono>
#include <vector>

#include "core/error.hpp"
#include "core/process/process.hpp"
#include "fixture.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace mastobak;
using namespace mastobak::test;
using namespace std::chrono_literals;

namespace {

Errc code_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& e) {
        return e.code();
    }
    FAIL("nothing was thrown");
    return Errc::internal;
}

}  // namespace

TEST_CASE("a client calls methods and reads properties of a daemon") {
    const PrivateBus server;
    const Daemon daemon(server.address());
    bus::Client client(name, path, interface, server.address());
    CHECK(client.call("Echo", "ünïcode \"x\"\n") == "ünïcode \"x\"\n");
    CHECK(client.call("Uid") == std::to_string(::getuid()));
    CHECK(client.property("State") == "nothing");
}

TEST_CASE("what a handler throws arrives as the same error") {
    const PrivateBus server;
    const Daemon daemon(server.address());
    bus::Client client(name, path, interface, server.address());
    try {
        client.call("Fail");
        FAIL("nothing was thrown");
    } catch (const Error& e) {
        CHECK(e.code() == Errc::staging);
        CHECK(e.text() == "write 'x': it is full");
        CHECK(e.hint() == "make room");
    }
    CHECK(client.call("Echo", "still there") == "still there");
}

TEST_CASE("a client follows signals until it has seen enough") {
    const PrivateBus server;
    const Daemon daemon(server.address());
    bus::Client client(name, path, interface, server.address());
    std::vector<std::string> told;
    client.subscribe("Told", [&](const std::string& text) { told.push_back(text); });
    for (const auto* text : {"1", "2", "3"}) client.call("Tell", text);
    REQUIRE(client.wait_until([&] { return told.size() == 3; }, 10s));
    CHECK(told == std::vector<std::string>{"1", "2", "3"});
    CHECK(client.property("State") == "3");
    CHECK_FALSE(client.wait_until([] { return false; }, 20ms));
}

TEST_CASE("a client notices when the bus or the daemon is missing, or when the daemon ends") {
    PrivateBus server;
    CHECK(code_of([] { bus::Client("org.x", "/x", "org.x", "unix:path=/nowhere"); }) ==
          Errc::unavailable);
    bus::Client client(name, path, interface, server.address());
    CHECK(code_of([&] { client.call("Echo"); }) == Errc::unavailable);
    const Daemon daemon(server.address());
    CHECK(client.call("Echo", "x") == "x");
    SECTION("the daemon leaves") {
        client.call("Leave");
        CHECK(code_of([&] { client.wait_until([] { return false; }, 10s); }) == Errc::unavailable);
    }
    SECTION("the bus goes away") {
        server.stop();
        CHECK(code_of([&] { client.wait_until([] { return false; }, 10s); }) == Errc::unavailable);
    }
}

TEST_CASE("other programs see the object as it is described") {
    const PrivateBus server;
    const Daemon daemon(server.address());
    const auto address = "--address=" + server.address();
    const auto called =
        run({.argv = {"busctl", address, "call", name, path, interface, "Echo", "s", "hi"}});
    CHECK(called.output == "s \"hi\"\n");
    const auto seen = run({.argv = {"busctl", address, "introspect", name, path, interface}});
    CHECK(seen.output.find(".Told") != std::string::npos);
    CHECK(seen.output.find("emits-change") != std::string::npos);
}

TEST_CASE("a daemon is there again when the bus has been restarted") {
    PrivateBus server;
    const Daemon daemon(server.address());
    server.stop();
    server.start();
    CHECK(eventually([&] {
        try {
            return bus::Client(name, path, interface, server.address()).call("Echo", "x") == "x";
        } catch (const Error&) {
            return false;
        }
    }));
}
