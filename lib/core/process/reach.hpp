// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/files/unique_fd.hpp"

namespace mastobak {

/// The paths and sockets that a child program can access, in addition to the paths that every
/// program needs. Those are its own directory, the system's programs, libraries and settings (/usr,
/// /opt, the world-readable files of /etc except /etc/mastobak), /proc and /sys for reading, and a
/// few devices.
///
/// The limits apply to the program and to all programs that it starts, as any user. They never
/// grant more than the user's own rights.
struct Reach {
    enum class Sockets {
        none,
        of_this_host,     ///< AF_UNIX: PostgreSQL's socket, and D-Bus as well
        of_the_internet,  ///< AF_INET and AF_INET6; also AF_UNIX when avahi resolves names
        all,              ///< AF_UNIX, AF_INET and AF_INET6
    };

    /// Files that can be read and executed, and directories below which all files can. Paths that
    /// cannot be opened are ignored, here and below.
    std::vector<std::filesystem::path> reads{};
    /// Files that can be read and written, and directories below which files and directories can
    /// also be created, renamed and removed. Files there cannot be executed; symlinks, sockets and
    /// FIFOs cannot be created.
    std::vector<std::filesystem::path> writes{};
    /// Directories that can be listed, with all directories below them.
    std::vector<std::filesystem::path> lists{};
    Sockets sockets = Sockets::none;
};

/// A Reach in the form that the kernel enforces. It is constructed before fork(2), because the
/// constructor allocates memory.
///
/// Landlock restricts the paths. It also forbids to inspect processes outside (ptrace(2), /proc)
/// and, since Linux 6.12, to send them signals and to connect to their abstract sockets. A
/// seccomp(2) filter restricts the sockets, on x86-64, arm64 and riscv64. A program of root keeps
/// only the capabilities to read and write files. No program may have more than 8192 open files. On
/// a kernel without Landlock, paths are not restricted: see why_paths_are_open().
/// Source: landlock(7); seccomp(2); capabilities(7), "Capability bounding set"
class Wall {
 public:
    /// \param program absolute path; the program and the libraries beside it can be read and
    ///                executed
    /// Throws Error{environment} when the kernel refuses a rule that it should support.
    Wall(const Reach& reach, const std::filesystem::path& program);

    /// Applies the limits to this process; they cannot be removed again. Async-signal-safe.
    /// \return false on failure, with errno
    bool enclose() const noexcept;

 private:
    void allow(const std::filesystem::path& path, std::uint64_t access);
    void allow_public(const std::filesystem::path& directory);
    void allow_system(const std::filesystem::path& program);

    std::uint64_t handled_ = 0;
    UniqueFd ruleset_;
    Reach::Sockets sockets_;
};

/// Returns, for the log, why the kernel cannot restrict paths; empty if it can.
std::string why_paths_are_open();

}  // namespace mastobak
