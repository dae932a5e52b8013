// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace mastobak::offsite {

/// What an admin can do about a message of rclone, rsync or ssh; empty if nothing is known.
///
/// Their exit statuses do not tell "refused" from "full": rclone's is 1 for both.
std::string hint_for(std::string_view message);

/// Whether a failed removal has failed because the remote lets nothing be removed, told from what
/// rclone or rsync say about it: an append-only account, object lock, a read-only file system.
bool forbids_removal(std::string_view message);

/// The text on one line, without control characters, cut to a length that a journal can bear.
std::string one_line(std::string_view text);

}  // namespace mastobak::offsite
