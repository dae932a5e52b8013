// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>

#include "core/files/unique_fd.hpp"

namespace mastobak::media {

/// Opens files of a tree that other users write to. May be used from any thread.
class Opener {
 public:
    /// Opens a name in a directory for reading. Never follows a symlink and never waits for a FIFO
    /// or a terminal. Does not change the access time when the process is the owner or has
    /// CAP_FOWNER.
    /// \param flags further flags of open(2), such as O_DIRECTORY
    /// \return an empty descriptor on failure, with errno
    UniqueFd open(int directory, const char* name, int flags = 0);

 private:
    std::atomic<bool> may_keep_atime_ =
        true;  ///< false after a refusal, as all files have one owner
};

}  // namespace mastobak::media
