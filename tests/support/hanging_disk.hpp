// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "core/files/unique_fd.hpp"

namespace mastobak::test {

/// A new file system that can be made to hang: a process that writes to it waits in the kernel,
/// where not even SIGKILL ends it, as with a disk or a server that no longer answers. Needs root.
///
/// The file system continues when the object is destroyed, and also when the test's process dies.
/// Source: fsfreeze(8), ioctl_fsfreeze.
class HangingDisk {
 public:
    /// \param where the mount point; it is created if missing
    explicit HangingDisk(std::filesystem::path where);
    ~HangingDisk();
    HangingDisk(const HangingDisk&) = delete;
    HangingDisk& operator=(const HangingDisk&) = delete;

    void hang() const;
    /// Lets the file system continue. Thread-safe. Has no effect if it does not hang.
    void go_on() const;

 private:
    std::filesystem::path where_;
    UniqueFd root_;
    UniqueFd alive_;  ///< closed by any end of this process, which the guard detects
    pid_t guard_ = -1;
};

}  // namespace mastobak::test
