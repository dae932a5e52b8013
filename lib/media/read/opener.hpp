// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>

#include "core/unique_fd.hpp"

namespace mastobak::media {

/// Opens files of a tree that others write to. Any thread.
class Opener {
 public:
    /// Opens for reading, in a directory: never follows a symlink, never waits for a FIFO or a
    /// terminal, leaves the time of access alone where that is allowed (it takes the owner or
    /// CAP_FOWNER).
    /// \param flags on top, O_DIRECTORY
    /// \return nothing on failure, with errno
    UniqueFd open(int directory, const char* name, int flags = 0);

 private:
    std::atomic<bool> may_keep_atime_ = true;  ///< until the first refusal: files have one owner
};

}  // namespace mastobak::media
