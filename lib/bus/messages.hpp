// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "bus/compat.hpp"
#include "bus/value.hpp"

namespace mastobak::bus {

/// Appends an argument to a message.
void write(sdbus::Message& message, const Argument& argument);

/// Reads the values of a message with a known signature.
///
/// The caller passes the signature because Message::peekType of sdbus-c++ 1.2 constructs a
/// std::string from a null pointer for every type that is not a container.
/// Throws sdbus::Error when the message has another signature.
Values read(sdbus::Message& message, const std::string& signature);

}  // namespace mastobak::bus
