// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mastobak::media {

struct Mount {
    std::uint64_t id = 0;
    std::string device;  ///< as fdinfo writes it; of btrfs not what stat(2) says
    std::string part;    ///< the directory (or file) of the file system that is mounted, absolute
    std::string path;    ///< where it is mounted
};

/// Returns the mounts in this process's namespace, in the order in which they were mounted. When
/// several are mounted at one path, only the last one is returned, as it covers the others.
/// Throws Error{media}. Source: proc(5), /proc/self/mountinfo.
std::vector<Mount> mounts();

/// Returns the id of the mount of an open file; nullopt when the kernel does not report it.
std::optional<std::uint64_t> mount_of(int fd);

/// Returns the real path of an open directory; empty when it cannot be determined.
std::string real_path_of(int fd);

/// Whether a path is that of the directory, or below it. Both absolute, without a slash at the end.
bool is_within(std::string_view path, std::string_view directory);

/// Which directories of a tree are in it at several places, because they, or what is above them,
/// are mounted there as well (mount --bind). A file in them has one inode and as many names.
class RepeatedDirectories {
 public:
    /// Looks once. Where it cannot be told, none is repeated: a file is packed twice then.
    /// \param root of the tree, open
    explicit RepeatedDirectories(int root);

    /// At how many places the files of a directory are; 1: only there.
    /// \param path relative to the root, empty for the root itself
    std::uint32_t places_of(std::string_view path) const;

 private:
    /// One for each other place of what is there.
    std::vector<std::string> repeated_;
};

}  // namespace mastobak::media
