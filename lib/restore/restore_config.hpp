// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "restore/tree/attributes.hpp"

namespace mastobak::restore {

/// Which configuration files are restored, and where to.
struct ConfigOptions {
    std::filesystem::path archive;  ///< config.tar.zst
    std::filesystem::path target;   ///< "/" for in place; created (0700) when it is missing
    /// A file that is replaced is kept as its name plus this suffix (".before-20261122T030000Z").
    /// When empty, replaced files are not kept.
    std::string keep_suffix{};
    /// The target exists and is not required to be private, such as "/".
    bool in_place = false;
    /// Which paths (without the leading '/') are restored. When empty, all of them are.
    std::function<bool(const std::string&)> wanted{};
    /// Mastodon's user on this host. It replaces the numeric owner of Mastodon's files in a set
    /// that has no names of users.
    std::optional<Owner> owner{};
};

/// The result of restoring configuration files.
struct ConfigReport {
    std::uint64_t files = 0;   ///< files and symlinks that were written
    std::uint64_t beside = 0;  ///< files that were written to the other directory, not in place
    /// The replaced files, by the names under which they were kept.
    std::vector<std::string> kept{};
    std::vector<std::string> problems;  ///< members that were not restored, and why
};

/// Returns the paths of the files and symlinks in an archive of configuration, without the leading
/// '/'.
/// Throws Error{corrupt}, Error{cancelled}.
std::vector<std::string> list_config(const std::filesystem::path& archive, std::stop_token stop);

/// Returns the numeric owner of the first file with that name, if the archive has no user name for
/// it.
/// Throws as list_config does.
std::optional<std::pair<uid_t, gid_t>> owner_in_archive(const std::filesystem::path& archive,
                                                        const std::string& name,
                                                        std::stop_token stop);

/// Restores files, directories and symlinks below the target, with their modes and times. As root
/// it also restores their owners, by name, because a new machine has other numbers; a name that
/// this host does not know becomes root. Other users cannot read a file before it is complete. No
/// file becomes set-user-ID. Existing directories stay as they are. A member that leads out of the
/// target, or whose place is taken by another kind of file, is reported as a problem, and the
/// others are still restored.
/// Throws Error{corrupt} for an archive that cannot be read, Error{environment} for a target that
/// cannot be written, Error{cancelled}.
ConfigReport restore_config(const ConfigOptions& options, std::stop_token stop);

}  // namespace mastobak::restore
