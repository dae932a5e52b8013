// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mastobak::offsite {

/// The sftp remote, if there is one, that a target leads to (also through crypt, alias, union, …)
/// and whose host key is not checked: without 'known_hosts_file' rclone accepts any.
/// \param dump what `rclone config dump` prints; it has secrets, so it is only looked at
/// \return its name; nothing as well for a dump that is not understood: rclone will complain
std::optional<std::string> find_unpinned_sftp(std::string_view dump, std::string_view target);

/// Whether what is written to a target arrives somewhere without having passed a crypt remote that
/// encrypts (`no_data_encryption` does not), through alias, union, combine, chunker, …
/// \param dump as above
/// \return false as well for what is not understood: rclone will complain
bool leads_to_plain(std::string_view dump, std::string_view target);

/// What is on this host of what rclone's configuration names.
struct LocalPaths {
    std::vector<std::filesystem::path> files;        ///< keys, certificates, known hosts, …
    std::vector<std::filesystem::path> directories;  ///< that a target leads to: an rclone's disk
};

/// The paths that rclone needs for a target: files that any value names, as no list has the
/// options of all backends, and the directories of this host in which its chain of remotes ends.
/// \param dump as above; empty lists for what is not understood
/// \return only what is there; of a directory that is not, the nearest one above it that is
LocalPaths local_paths(std::string_view dump, std::string_view target);

}  // namespace mastobak::offsite
