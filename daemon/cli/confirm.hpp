// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <string>

namespace mastobak::daemon {

/// Whether a person can be asked: standard input is a terminal.
bool can_ask();

/// Asks on standard error, and waits for a line on standard input.
/// \return whether it begins with 'y'
/// Throws Error{cancelled}.
bool confirmed(const std::string& question, const std::stop_token& stop);

/// Asks on the terminal for a line that is not shown while it is typed. Only where can_ask().
/// \return without the end of the line
/// Throws Error{cancelled}.
std::string secret(const std::string& question, const std::stop_token& stop);

}  // namespace mastobak::daemon
