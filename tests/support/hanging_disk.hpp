// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "core/unique_fd.hpp"

namespace mastobak::test {

/// A file system of its own that can be made to hang: who writes to it waits in the kernel, where
/// not even SIGKILL ends it, as on a disk or a server that does not answer any more. As root.
///
/// It goes on again when this goes away, and also when the test's process dies.
/// Source: fsfreeze(8), ioctl_fsfreeze.
class HangingDisk {
 public:
    /// \param where made if it is not there
    explicit HangingDisk(std::filesystem::path where);
    ~HangingDisk();
    HangingDisk(const HangingDisk&) = delete;
    HangingDisk& operator=(const HangingDisk&) = delete;

    void hang() const;
    /// From any thread; no effect on one that does not hang.
    void go_on() const;

 private:
    std::filesystem::path where_;
    UniqueFd root_;
    UniqueFd alive_;  ///< closed by the end of this process, whichever it is: the guard's signal
    pid_t guard_ = -1;
};

}  // namespace mastobak::test
