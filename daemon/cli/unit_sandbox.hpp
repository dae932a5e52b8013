// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "core/error.hpp"
#include "units/unit_control.hpp"

namespace mastobak::daemon {

/// What a unit's sandbox does to paths, as systemd says it of the unit, with the admin's drop-ins.
/// Source: systemd.exec(5), ProtectSystem=, ProtectHome=, PrivateTmp=, ReadWritePaths=.
struct UnitSandbox {
    std::string protect_system{};  ///< "no", "yes", "full", "strict"
    std::string protect_home{};    ///< "no", "yes", "read-only", "tmpfs"
    bool private_tmp = false;
    std::vector<std::string> read_write{}, read_only{}, inaccessible{};  ///< as in the unit file
    /// Names below /var/lib, /run, /var/cache and /var/log that are made for the unit.
    std::vector<std::string> directories{};
};

/// What a program in a sandbox may do with a path, as far as the sandbox has a say.
enum class Access { write, read, nothing };

/// The access to a path: of the rules about it, the one about the longest path counts. Pure.
/// \param path absolute, and without symlinks
Access access_in(const UnitSandbox& sandbox, const std::filesystem::path& path);

/// Asks systemd for the sandbox of a unit.
/// Returns nothing when systemd does not know the unit. Throws Error{units}.
async::Task<std::optional<UnitSandbox>> sandbox_of(units::UnitControl& control, std::string unit);

/// The error that says why the daemon's unit may not write to a path, and what to change; nothing
/// when it may.
/// \param what it is, for the message: "the staging directory"
/// \param path absolute; symlinks in it are followed as far as it exists
std::optional<Error> writing_forbidden(const UnitSandbox& sandbox, const std::string& what,
                                       const std::filesystem::path& path, Errc code);
/// The same for a path that it has to read.
std::optional<Error> reading_forbidden(const UnitSandbox& sandbox, const std::string& what,
                                       const std::filesystem::path& path, Errc code);

}  // namespace mastobak::daemon
