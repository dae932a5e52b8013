// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace mastobak::daemon {

/// Checks a key of the recovery file by encrypting nothing to it.
/// \param key as `recovery.age_key`
/// Throws Error{usage} for a key that `age` does not take, and for a private one, which is not
/// shown; Error{environment} when `age` is not installed.
void check_age_key(const std::string& key);

/// Returns a tar of files, by their absolute paths without the leading '/', with their modes and the
/// names of their owners. Directories between a root and a file are members, too.
/// \param roots directories that exist on every host with mastobak
/// Throws Error{environment} for a file that cannot be read or is larger than 1 MiB.
std::string tar_of(const std::vector<std::filesystem::path>& files,
                   const std::vector<std::filesystem::path>& roots);

/// Returns a text that only the private half of the key can read.
/// Throws as check_age_key does.
std::string encrypted_to(const std::string& key, const std::string& text);

/// Writes the recovery file, as root: it belongs to root and has mode 0600. The files are read with
/// the rights of the daemon's user, because that user can put links to other files in their places.
/// \param user the daemon's user
/// Throws as the functions above.
void write_recovery_file(const config::Config& config,
                         const std::vector<std::filesystem::path>& files, const std::string& user);

}  // namespace mastobak::daemon
