// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mastobak::offsite {

/// The sftp remote, if there is one, that a target leads to (also through crypt, alias, union, …)
/// and whose host key nobody checks: without 'known_hosts_file' rclone accepts any.
/// \param dump what `rclone config dump` prints; it has secrets, so it is only looked at
/// \return its name; nothing as well for a dump that is not understood: rclone will complain
std::optional<std::string> find_unpinned_sftp(std::string_view dump, std::string_view target);

/// Whether what is written to a target arrives somewhere without having passed a crypt remote that
/// encrypts (`no_data_encryption` does not), through alias, union, combine, chunker, …
/// \param dump as above
/// \return false as well for what is not understood: rclone will complain
bool leads_to_plain(std::string_view dump, std::string_view target);

}  // namespace mastobak::offsite
