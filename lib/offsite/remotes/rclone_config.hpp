// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mastobak::offsite {

/// Finds an sftp remote that a target leads to (also through crypt, alias, union, …) and whose host
/// key is not checked: without 'known_hosts_file', rclone accepts any key.
/// \param dump output of `rclone config dump`; it has secrets, so it must not be logged or stored
/// \return the name of the remote; nullopt also when the dump cannot be parsed, because rclone then
///        reports the error
std::optional<std::string> find_unpinned_sftp(std::string_view dump, std::string_view target);

/// Returns whether data written to a target is stored somewhere without passing a crypt remote that
/// encrypts (one with `no_data_encryption` does not). Follows alias, union, combine, chunker, …
/// \param dump as above
/// \return false also when the dump cannot be parsed, because rclone then reports the error
bool leads_to_plain(std::string_view dump, std::string_view target);

/// Returns the name of a crypt remote that encrypts and whose data goes directly to a target;
/// nullopt when there is none.
/// \param dump as above
std::optional<std::string> crypt_over(std::string_view dump, std::string_view target);

/// Local paths that rclone's configuration names.
struct LocalPaths {
    std::vector<std::filesystem::path> files;        ///< keys, certificates, known hosts, …
    std::vector<std::filesystem::path> directories;  ///< local directories that a target leads to
};

/// Returns the local paths that rclone needs for a target. A file is any existing file that an
/// option's value names, because there is no list of the options of all backends. A directory is
/// one in which the target's chain of remotes ends.
/// \param dump as above; the result is empty when it cannot be parsed
/// \return only existing paths; for a missing directory, its nearest existing parent
LocalPaths local_paths(std::string_view dump, std::string_view target);

}  // namespace mastobak::offsite
