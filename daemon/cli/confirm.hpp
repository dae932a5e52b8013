// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <string>

namespace mastobak::daemon {

/// Returns whether the user can be asked: standard input is a terminal.
bool can_ask();

/// Prints a question on standard error and reads a line from standard input.
/// \return whether the line begins with 'y'
/// Throws Error{cancelled}.
bool confirmed(const std::string& question, const std::stop_token& stop);

/// Does the same with the other default.
/// \return whether the line does not begin with 'n'
/// Throws Error{cancelled}.
bool not_refused(const std::string& question, const std::stop_token& stop);

/// Prints a question on standard error and reads a line from standard input.
/// \return the line without blanks at its beginning and end; empty at the end of the input
/// Throws Error{cancelled}.
std::string answer_to(const std::string& question, const std::stop_token& stop = {});

/// Reads a line from the terminal without echo. Requires can_ask().
/// \return the line without its end
/// Throws Error{cancelled}.
std::string secret(const std::string& question, const std::stop_token& stop);

}  // namespace mastobak::daemon
