// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <string>

#include "notify/message.hpp"

namespace mastobak::notify {

/// Returns a mail for `sendmail -t`: headers and body in ASCII (UTF-8 is encoded). A text cannot
/// add a header.
/// Source: RFC 5322; RFC 2047; RFC 3834, section 5 (Auto-Submitted)
std::string mail_of(const NotifyTarget& target, const Message& message);

/// Sends a message to a target. Blocks, for at most 10 s (URL) or 30 s (mail, command), so call it
/// through async::run_blocking.
///
/// healthchecks: POST to URL/start, URL, URL/fail or URL/EXIT_STATUS, with the text; `rid` is the
/// same for all messages of a run. ping: GET with `status`, `msg` and `ping`. mail: sendmail.
/// command: the text is its standard input, and variables_of() its environment.
/// Throws Error{environment}, which has the name and type of the target, and of a URL only scheme,
/// host and port; Error{cancelled} after a stop request.
void deliver(const NotifyTarget& target, const Message& message, std::stop_token stop = {});

/// Checks a target without sending: whether its file can be read, and its program executed.
/// Throws Error{environment}.
void check(const NotifyTarget& target);

/// Returns the program that a target starts; empty: none.
std::filesystem::path program_of(const NotifyTarget& target);

}  // namespace mastobak::notify
