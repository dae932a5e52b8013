// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace mastobak::restore {

/// Which configuration is restored, and where to.
struct ConfigOptions {
    std::filesystem::path archive;  ///< config.tar.zst
    std::filesystem::path target;   ///< "/" for in place; made (0700) when it is missing
    /// What is replaced stays as NAME + this (".before-20261122T030000Z"); empty: it does not.
    std::string keep_suffix{};
};

struct ConfigReport {
    std::uint64_t files = 0;            ///< and symlinks, written
    std::vector<std::string> kept{};    ///< what was replaced, by the name that it has now
    std::vector<std::string> problems;  ///< members that were not restored, and why
};

/// Restores files, directories and symlinks below the target, with their modes, times and, as root,
/// their owners: by name where this host knows it, as a new machine has other numbers. Files are
/// closed to others until they are whole; nothing becomes set-user-ID; directories that are there
/// stay as they are. A member that leads out of the target, or into the place of something else, is
/// a problem, and the others are restored.
/// Throws Error{corrupt} for an archive that cannot be read, Error{environment} for a target that
/// takes nothing, Error{cancelled}.
ConfigReport restore_config(const ConfigOptions& options, std::stop_token stop);

}  // namespace mastobak::restore
