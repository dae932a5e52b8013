// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/config.hpp"

/// What gives access to the copies after this host is lost, and is in no set.
namespace mastobak::daemon {

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

}  // namespace mastobak::daemon
