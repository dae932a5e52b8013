// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/read/opener.hpp"

#include <fcntl.h>

#include <cerrno>

namespace mastobak::media {

UniqueFd Opener::open(int directory, const char* name, int flags) {
    flags |= O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    if (may_keep_atime_) {
        UniqueFd fd(::openat(directory, name, flags | O_NOATIME));
        if (fd || errno != EPERM) return fd;
        may_keep_atime_ = false;
    }
    return UniqueFd(::openat(directory, name, flags));
}

}  // namespace mastobak::media
