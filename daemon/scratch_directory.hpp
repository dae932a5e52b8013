// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "core/files/unique_fd.hpp"

namespace mastobak::daemon {

/// A private directory for temporary files, which the destructor removes. If the process is killed,
/// a later process removes the directory: its lock (flock(2) on the directory) is then free. The
/// lock also prevents systemd-tmpfiles from removing a directory in use.
class ScratchDirectory {
 public:
    /// \param parent where to create it; by default on a disk with space (TMPDIR, or /var/tmp)
    /// Throws Error{environment}.
    explicit ScratchDirectory(const std::filesystem::path& parent = default_parent());
    ~ScratchDirectory();
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;

    /// Removes everything in a directory, except scratch directories in use.
    static void remove_leftovers(const std::filesystem::path& parent);

    const std::filesystem::path& path() const { return path_; }

 private:
    static std::filesystem::path default_parent();

    std::filesystem::path path_;
    UniqueFd lock_;
};

}  // namespace mastobak::daemon
