// SPDX-License-Identifier: GPL-3.0-or-later
#include "bus/connection.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <string>

#include "bus/object.hpp"
#include "core/error.hpp"
#include "fixture.hpp"
#include "support/catch.hpp"
#include "support/private_bus.hpp"
#include "support/run_on.hpp"

using namespace mastobak;
using namespace mastobak::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

bus::Call of_daemon(std::string method, std::vector<bus::Argument> arguments, std::string returns) {
    return {.destination = "org.freedesktop.DBus",
            .path = "/org/freedesktop/DBus",
            .interface = "org.freedesktop.DBus",
            .method = std::move(method),
            .arguments = std::move(arguments),
            .returns = std::move(returns)};
}

struct Connected {
    PrivateBus server;
    asio::io_context loop{1};
    bus::Connection connection{loop, server.address()};
    ~Connected() {
        connection.close();
        loop.restart();
        loop.run();
    }
};

}  // namespace

TEST_CASE("answers are read by their signature") {
    Connected bus;
    const auto names = run_on(bus.loop, bus.connection.call(of_daemon("ListNames", {}, "as")));
    REQUIRE(names.size() == 1);
    CHECK(names[0].list().front().string() == "org.freedesktop.DBus");

    const auto credentials = run_on(
        bus.loop, bus.connection.call(of_daemon("GetConnectionCredentials",
                                                {std::string("org.freedesktop.DBus")}, "a{sv}")));
    bool has_process = false;
    for (const auto& entry : credentials.at(0).list())
        if (entry.list().at(0).string() == "ProcessID")
            has_process = entry.list().at(1).number() > 0;
    CHECK(has_process);

    const auto owned = run_on(
        bus.loop, bus.connection.call(of_daemon("NameHasOwner", {std::string("org.nobody")}, "b")));
    CHECK(owned.at(0).text() == "false");
}

TEST_CASE("an answer of another signature than expected is an error, and does no harm") {
    Connected bus;
    CHECK_THROWS_AS(run_on(bus.loop, bus.connection.call(of_daemon("ListNames", {}, "u"))), Error);
    CHECK(run_on(bus.loop, bus.connection.call(of_daemon("GetId", {}, "s"))).size() == 1);
}

TEST_CASE("an error of the other side is an answer to exchange(), and thrown by call()") {
    Connected bus;
    const auto nonsense = of_daemon("NoSuchMethod", {}, "");
    const auto reply = run_on(bus.loop, bus.connection.exchange(nonsense));
    CHECK_FALSE(reply.ok());
    CHECK(reply.error_name == "org.freedesktop.DBus.Error.UnknownMethod");
    CHECK_THROWS_AS(run_on(bus.loop, bus.connection.call(nonsense)), Error);
    CHECK_THROWS_AS(bus.connection.call_blocking(nonsense), Error);
    CHECK(bus.connection.call_blocking(of_daemon("GetId", {}, "s")).size() == 1);
}

TEST_CASE("a call without an answer ends with its timeout, or when it is cancelled") {
    Connected bus;
    // Owns a name, and never reads its messages.
    asio::io_context unattended;
    bus::Connection deaf(unattended, bus.server.address());
    deaf.request_name("org.mastobak.Deaf");
    bus::Call call{
        .destination = "org.mastobak.Deaf", .path = "/", .interface = "a.b", .method = "C"};

    SECTION("timeout") {
        call.timeout = 50ms;
        try {
            run_on(bus.loop, bus.connection.call(call));
            FAIL("answered");
        } catch (const Error& e) {
            CHECK(e.code() == Errc::unavailable);
        }
    }
    SECTION("cancelled") {
        asio::cancellation_signal cancel;
        std::exception_ptr failure;
        asio::co_spawn(bus.loop, bus.connection.call(call),
                       asio::bind_cancellation_slot(
                           cancel.slot(), [&](std::exception_ptr e, bus::Values) { failure = e; }));
        asio::post(bus.loop, [&] { cancel.emit(asio::cancellation_type::terminal); });
        REQUIRE(turn_until(bus.loop, [&] { return failure != nullptr; }));
        CHECK(as_error(failure).code() == Errc::cancelled);
        CHECK(run_on(bus.loop, bus.connection.call(of_daemon("GetId", {}, "s"))).size() == 1);
    }
    deaf.close();
}

TEST_CASE("a broken connection fails the calls under way and comes back by itself") {
    Connected bus;
    int signals = 0;
    const auto subscription = bus.connection.subscribe(
        {.sender = "org.freedesktop.DBus", .member = "NameOwnerChanged", .signature = "sss"},
        [&](const bus::Values&) { ++signals; });
    const auto before = bus.connection.generation();
    bus.server.stop();
    REQUIRE(turn_until(bus.loop, [&] { return !bus.connection.connected(); }));
    CHECK_THROWS_AS(run_on(bus.loop, bus.connection.call(of_daemon("GetId", {}, "s"))), Error);

    bus.server.start();
    REQUIRE(turn_until(bus.loop, [&] { return bus.connection.connected(); }));
    CHECK(bus.connection.generation() > before);
    CHECK(run_on(bus.loop, bus.connection.call(of_daemon("GetId", {}, "s"))).size() == 1);
    signals = 0;
    const Daemon somebody(bus.server.address());
    CHECK(turn_until(bus.loop, [&] { return signals > 0; }));
}

TEST_CASE("a call under way when the bus dies says so") {
    Connected bus;
    asio::io_context unattended;
    bus::Connection deaf(unattended, bus.server.address());
    deaf.request_name("org.mastobak.Deaf");
    std::exception_ptr failure;
    asio::co_spawn(
        bus.loop,
        bus.connection.call(
            {.destination = "org.mastobak.Deaf", .path = "/", .interface = "a.b", .method = "C"}),
        [&](std::exception_ptr e, bus::Values) { failure = e; });
    bus.loop.poll();
    bus.server.stop();
    REQUIRE(turn_until(bus.loop, [&] { return failure != nullptr; }));
    CHECK(as_error(failure).code() == Errc::unavailable);
    deaf.close();
}

TEST_CASE("a subscription ends with its handle, even in its own handler") {
    Connected bus;
    int first = 0;
    int second = 0;
    bus::Subscription once;
    const bus::Match match{.member = "NameOwnerChanged", .signature = "sss"};
    once = bus.connection.subscribe(match, [&](const bus::Values&) {
        ++first;
        once.reset();
    });
    const auto all = bus.connection.subscribe(match, [&](const bus::Values&) { ++second; });
    { const Daemon somebody(bus.server.address()); }
    REQUIRE(turn_until(bus.loop, [&] { return second >= 2; }));
    CHECK(first == 1);
}

TEST_CASE("a name that is taken or forbidden is told apart") {
    Connected bus;
    const Daemon daemon(bus.server.address());
    const auto code = [&](const char* wanted) {
        try {
            bus.connection.request_name(wanted);
        } catch (const Error& e) {
            return e.code();
        }
        return Errc::internal;
    };
    CHECK(code(name) == Errc::busy);
    CHECK(code("org.mastobak.Forbidden") == Errc::denied);
}
