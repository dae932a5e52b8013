// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/remotes/mount_point.hpp"

#include <fcntl.h>
#include <sys/stat.h>

namespace mastobak::offsite {

bool is_mount_point(const std::filesystem::path& path) {
    struct statx self {};
    if (::statx(AT_FDCWD, path.c_str(), 0, STATX_TYPE, &self) != 0) return false;
    if ((self.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0)
        return (self.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
    // A kernel before 5.8: compare the devices, which does not detect bind mounts.
    struct statx parent {};
    if (::statx(AT_FDCWD, (path / "..").c_str(), 0, STATX_TYPE, &parent) != 0) return false;
    return self.stx_dev_major != parent.stx_dev_major || self.stx_dev_minor != parent.stx_dev_minor;
}

}  // namespace mastobak::offsite
