// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace mastobak::units {

/// Returns whether standard error of this process goes to systemd's journal.
/// Source: systemd.exec(5), "JOURNAL_STREAM"
bool is_stderr_journal();

/// Sends an entry to the journal.
/// \param fields "MESSAGE=text", "PRIORITY=4", …; values may have any bytes
/// Returns whether journald has accepted it.
/// Source: sd_journal_sendv(3), systemd.journal-fields(7)
bool send_to_journal(const std::vector<std::string>& fields);

}  // namespace mastobak::units
