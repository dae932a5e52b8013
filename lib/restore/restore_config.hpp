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

/// Which configuration is restored, and where to.
struct ConfigOptions {
    std::filesystem::path archive;  ///< config.tar.zst
    std::filesystem::path target;   ///< "/" for in place; made (0700) when it is missing
    /// What is replaced stays as NAME + this (".before-20261122T030000Z"); empty: it does not.
    std::string keep_suffix{};
    bool in_place = false;  ///< the target is there and may be anybody's, as "/" is
    /// Which paths are restored (without the leading '/'); nothing: all.
    std::function<bool(const std::string&)> wanted{};
    /// Mastodon's user here, in place of the number that its files have in a set without names.
    std::optional<Owner> owner{};
};

struct ConfigReport {
    std::uint64_t files = 0;            ///< and symlinks, written
    std::uint64_t beside = 0;           ///< not in place, but in the other directory
    std::vector<std::string> kept{};    ///< what was replaced, by the name that it has now
    std::vector<std::string> problems;  ///< members that were not restored, and why
};

/// The files and symlinks in an archive of configuration, without the leading '/'.
/// Throws Error{corrupt}, Error{cancelled}.
std::vector<std::string> list_config(const std::filesystem::path& archive, std::stop_token stop);

/// The numbers of the owner of the first file of that name, where the archive names no user for it.
/// Throws as list_config does.
std::optional<std::pair<uid_t, gid_t>> owner_in_archive(const std::filesystem::path& archive,
                                                        const std::string& name,
                                                        std::stop_token stop);

/// Restores files, directories and symlinks below the target, with their modes, times and, as root,
/// their owners: by name, as a new machine has other numbers. What belongs to a name that this host
/// does not know is root's. Files are closed to others until they are whole; nothing becomes
/// set-user-ID; directories that are there stay as they are. A member that leads out of the target,
/// or into the place of something else, is a problem, and the others are restored. Throws
/// Error{corrupt} for an archive that cannot be read, Error{environment} for a target that takes
/// nothing, Error{cancelled}.
ConfigReport restore_config(const ConfigOptions& options, std::stop_token stop);

}  // namespace mastobak::restore
