// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "notify/message.hpp"

namespace mastobak::notify {

/// Returns a mail for `sendmail -t`: headers and body in ASCII (UTF-8 is encoded). A text cannot
/// add a header.
/// Source: RFC 5322; RFC 2047; RFC 3834, section 5 (Auto-Submitted)
std::string mail_of(const NotifyTarget& target, const Message& message);

}  // namespace mastobak::notify
