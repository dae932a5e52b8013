// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/unique_fd.hpp"

namespace mastobak {

/// What a program that we run can reach: these paths, and what every program needs. That is its own
/// directory, the system's programs, libraries and settings (/usr, /opt, what all may read in /etc,
/// but never /etc/mastobak), /proc and /sys for reading, and a few devices.
///
/// It counts for the program and for all that the program starts, as any user. The user's
/// own rights are what else counts: this only takes away.
struct Reach {
    enum class Sockets {
        none,
        of_this_host,     ///< AF_UNIX: PostgreSQL's socket, and D-Bus as well
        of_the_internet,  ///< AF_INET and AF_INET6
        all,              ///< both of them
    };

    /// Files, or directories with all that is below them. One that is missing is left out.
    std::vector<std::filesystem::path> reads{};
    /// The same, also to be written: files there are made, changed, renamed and removed.
    std::vector<std::filesystem::path> writes{};
    /// Directories whose names can be listed, and those of the directories below.
    std::vector<std::filesystem::path> lists{};
    Sockets sockets = Sockets::none;
};

/// A Reach as the kernel takes it. It is made before fork(2), as it allocates.
///
/// Files are Landlock's part, and with them: no program outside is looked into (ptrace(2), /proc),
/// and, since Linux 6.12, none is sent a signal. Sockets are a filter's of seccomp(2). Root keeps
/// of its capabilities those to read and write files. Where the kernel has no Landlock, paths are
/// not confined: why_paths_are_open() says so. Source: landlock(7); seccomp(2); capabilities(7),
/// "Capability bounding set"
class Wall {
 public:
    /// \param program with its whole path: it and the libraries beside it can be read and run
    /// Throws Error{environment} when the kernel refuses what it should know.
    Wall(const Reach& reach, const std::filesystem::path& program);

    /// Encloses this process for good; async-signal-safe.
    /// \return whether it worked; if not, errno says why
    bool enclose() const noexcept;

 private:
    void allow(const std::filesystem::path& path, std::uint64_t access);
    void allow_public(const std::filesystem::path& directory);
    void allow_system(const std::filesystem::path& program);

    std::uint64_t handled_ = 0;
    UniqueFd ruleset_;
    Reach::Sockets sockets_;
};

/// Why the kernel confines no program to paths, for a log; empty if it does.
std::string why_paths_are_open();

}  // namespace mastobak
