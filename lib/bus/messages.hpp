// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "bus/compat.hpp"
#include "bus/value.hpp"

namespace mastobak::bus {

/// Appends an argument to a message.
void write(sdbus::Message& message, const Argument& argument);

/// Reads the values of a message whose signature is known.
///
/// Told by the caller, not asked of the message: Message::peekType of sdbus-c++ 1.2 makes a
/// std::string of a null pointer wherever no container begins.
/// Throws sdbus::Error when the message has another signature.
Values read(sdbus::Message& message, const std::string& signature);

}  // namespace mastobak::bus
