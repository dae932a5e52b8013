// SPDX-License-Identifier: GPL-3.0-or-later
#include "bus/errors.hpp"

#include "support/catch.hpp"

using namespace mastobak;

TEST_CASE("every code of an Error survives the bus, with text and hint") {
    for (int i = 0; i <= static_cast<int>(Errc::denied); ++i) {
        const auto code = static_cast<Errc>(i);
        const auto hint = GENERATE(std::string(), std::string("do something"));
        try {
            throw Error(code, "read 'x': it is not there", hint);
        } catch (...) {
            const auto sent = bus::current_as_dbus_error();
            const auto received = bus::translate("call 'Start' of 'y'", sent);
            CHECK(received.code() == code);
            CHECK(received.text() == "read 'x': it is not there");
            CHECK(received.hint() == hint);
        }
    }
}

TEST_CASE("errors of the bus are told apart by what one can do about them") {
    const auto code = [](const std::string& name) {
        return bus::translate("x", "org.freedesktop." + name, "Why.").code();
    };
    CHECK(code("DBus.Error.ServiceUnknown") == Errc::unavailable);
    CHECK(code("DBus.Error.NoReply") == Errc::unavailable);
    CHECK(code("DBus.Error.Spawn.ChildExited") == Errc::unavailable);
    CHECK(code("DBus.Error.AccessDenied") == Errc::denied);
    CHECK(code("DBus.Error.InteractiveAuthorizationRequired") == Errc::denied);
    CHECK(code("systemd1.NoSuchUnit") == Errc::units);
}

TEST_CASE("an error of the bus reads like one of ours") {
    const auto error = bus::translate("call 'StopUnit' of 'a'", "org.x.Y", "Unit x not loaded.");
    CHECK(error.text() == "call 'StopUnit' of 'a': Unit x not loaded");
    const std::string of_bus = "org.freedesktop.DBus.Error.";
    CHECK(bus::translate("ask", of_bus + "ServiceUnknown",
                         "The name x was not provided by any .service files")
              .text() == "ask: it is not running");
    CHECK(bus::translate("ask", of_bus + "NoReply", "Did not receive a reply. Possible causes …")
              .text() == "ask: it did not answer");
    CHECK(bus::translate("ask", of_bus + "AccessDenied",
                         "Rejected send message, 1 matched rules; type=\"method_call\"")
              .text() == "ask: this user may not ask it");
    CHECK(bus::translate("call 'A' of 'b'", "org.x.Y", "").text() == "call 'A' of 'b': org.x.Y");
}
