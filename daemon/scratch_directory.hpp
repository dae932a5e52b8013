// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "core/unique_fd.hpp"

namespace mastobak::daemon {

/// A directory of its own for temporary files, gone with the object. One that a killed process left
/// is removed by the next: its lock (flock(2) on the directory) is free then, which is
/// also what keeps systemd-tmpfiles away from those in use.
class ScratchDirectory {
 public:
    /// \param parent where it is made; by default a disk with room (TMPDIR, or /var/tmp)
    /// Throws Error{environment}.
    explicit ScratchDirectory(const std::filesystem::path& parent = default_parent());
    ~ScratchDirectory();
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;

    /// Removes all that is in a directory, but for scratch directories that are in use.
    static void remove_leftovers(const std::filesystem::path& parent);

    const std::filesystem::path& path() const { return path_; }

 private:
    static std::filesystem::path default_parent();

    std::filesystem::path path_;
    UniqueFd lock_;
};

}  // namespace mastobak::daemon
