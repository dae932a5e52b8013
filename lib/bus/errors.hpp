// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "bus/compat.hpp"
#include "core/error.hpp"

namespace mastobak::bus {

/// Converts a D-Bus error to an Error.
/// \param doing what was tried, on what: "call 'StopUnit' of 'org.freedesktop.systemd1'"
/// \param otherwise the code for all errors that the list below does not cover
///
/// unavailable: there was no reply; denied: the bus, the other side or polkit denied access;
/// org.mastobak.Error.<code>: the code of the original Error.
Error translate(std::string_view doing, const std::string& name, const std::string& text,
                Errc otherwise = Errc::units);
Error translate(std::string_view doing, const sdbus::Error& error, Errc otherwise = Errc::units);

/// These return whether an error with this name means that there was no reply, or that access was
/// denied.
bool is_unavailable(std::string_view name);
bool is_denied(std::string_view name);

/// Converts the current exception to a D-Bus error, which translate() converts back to the same
/// Error.
sdbus::Error current_as_dbus_error();

}  // namespace mastobak::bus
