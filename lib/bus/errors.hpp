// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "bus/compat.hpp"
#include "core/error.hpp"

namespace mastobak::bus {

/// A D-Bus error as an Error.
/// \param doing what was tried, on what: "call 'StopUnit' of 'org.freedesktop.systemd1'"
///
/// unavailable: there is no answer; denied: the bus, the other side or polkit do not allow it;
/// org.mastobak.Error.<code> becomes the Error it was made of; everything else is of the code
/// given.
Error translate(std::string_view doing, const std::string& name, const std::string& text,
                Errc otherwise = Errc::units);
Error translate(std::string_view doing, const sdbus::Error& error, Errc otherwise = Errc::units);

/// Whether such an error says that there was no answer, or that it was not allowed.
bool is_unavailable(std::string_view name);
bool is_denied(std::string_view name);

/// The exception under way as the D-Bus error that translate() makes the same Error of.
sdbus::Error current_as_dbus_error();

}  // namespace mastobak::bus
