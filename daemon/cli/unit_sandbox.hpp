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

/// The restrictions on paths in a unit's sandbox, as systemd reports them, with the admin's
/// drop-ins.
/// Source: systemd.exec(5), ProtectSystem=, ProtectHome=, PrivateTmp=, ReadWritePaths=, ExecPaths=.
struct UnitSandbox {
    std::string unit{"mastobak"};  ///< as systemctl(1) takes it
    std::string protect_system{};  ///< "no", "yes", "full", "strict"
    std::string protect_home{};    ///< "no", "yes", "read-only", "tmpfs"
    bool private_tmp = false;
    std::vector<std::string> read_write{}, read_only{}, inaccessible{};  ///< as in the unit file
    /// Names below /var/lib, /run, /var/cache and /var/log that systemd creates for the unit.
    std::vector<std::string> directories{};
    std::vector<std::string> exec{}, no_exec{};  ///< ExecPaths=, NoExecPaths=
};

/// The access to a path that the sandbox permits.
enum class Access { write, read, nothing };

/// Returns the access to a path. The rule with the longest matching path decides. Pure.
/// \param path absolute, and without symlinks
Access access_in(const UnitSandbox& sandbox, const std::filesystem::path& path);

/// Reads the sandbox of a unit from systemd.
/// \return nullopt when systemd does not know the unit
/// Throws Error{units}.
async::Task<std::optional<UnitSandbox>> sandbox_of(units::UnitControl& control, std::string unit);

/// Returns the error that says why the daemon's unit may not write to a path and what to change;
/// nullopt when it may.
/// \param what name of the path for the message: "the staging directory"
/// \param path absolute; symlinks in its existing part are followed
std::optional<Error> writing_forbidden(const UnitSandbox& sandbox, const std::string& what,
                                       const std::filesystem::path& path, Errc code);
/// Does the same for a path that the unit has to read.
std::optional<Error> reading_forbidden(const UnitSandbox& sandbox, const std::string& what,
                                       const std::filesystem::path& path, Errc code);

/// Does the same for a program that the unit has to execute.
/// \param what where the program is named: "the command of the target 'phone',"
std::optional<Error> executing_forbidden(const UnitSandbox& sandbox, const std::string& what,
                                         const std::filesystem::path& program);

}  // namespace mastobak::daemon
