// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/config.hpp"

/// The recovery file, as `mastobak setup` treats it.
namespace mastobak::daemon {

/// What gives access to the copies after this host is lost, and is in no set.
struct RecoveryFiles {
    /// Existing files below the directory of the configuration or the state directory: the
    /// configuration, rclone.conf, keys, and the public keys that have signed the sets.
    std::vector<std::filesystem::path> files{};
    /// Existing files in other places, such as a key that rclone.conf names. The recovery file does
    /// not have them: it must not replace files of a new host outside of mastobak's directories.
    std::vector<std::filesystem::path> elsewhere{};
};

/// Finds the files. The caller should have the identity of the daemon's user.
RecoveryFiles recovery_files(const config::Config& config);

/// Returns the path of `recovery.age`, beside the configuration.
std::filesystem::path recovery_file(const config::Config& config);

/// Returns why `recovery.age` has to be written again: "'…' is missing", "'…' is older than '…'";
/// empty when it is not older than any of the files. Looks at times of changes (ctime), which a
/// copied or renamed file has, too.
std::string why_outdated(const config::Config& config, const RecoveryFiles& files);

/// Checks an answer. A name of a file that begins neither with '/' nor like a key becomes an
/// absolute path.
/// \return the key for the configuration
/// Throws as check_age_key() does.
std::string checked_age_key(std::string answer);

/// Asks the user for the key until the answer is a key, or empty. Requires can_ask(). When `age` is
/// not installed, prints this and asks nothing.
/// \return the key for the configuration; empty: none
std::string asked_age_key();

/// Writes the recovery file if it is not up to date, and prints what is to be done with it. Without
/// a key in the configuration, lists the files that have to be kept elsewhere.
/// \param user the daemon's user
/// Throws as write_recovery_file() does.
void keep_recovery_file(const config::Config& config, const std::string& user);

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
