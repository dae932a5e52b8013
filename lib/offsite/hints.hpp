// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace mastobak::offsite {

/// Returns what an admin can do about an error message of rclone, rsync or ssh; empty when the
/// message is unknown.
///
/// The messages are matched because the exit status does not distinguish the causes: rclone returns
/// 1 both for "access denied" and for "disk full".
std::string hint_for(std::string_view message);

/// Returns whether an error message says that the remote has no room; also the text of an Error that
/// has the hint.
bool says_full(std::string_view message);

/// Returns whether a removal failed because the remote forbids removal (an append-only account,
/// object lock, a read-only file system). Decides by the message of rclone or rsync.
bool forbids_removal(std::string_view message);

/// Returns the text as one line without control characters, cut to a length that suits the journal.
std::string one_line(std::string_view text);

}  // namespace mastobak::offsite
