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

/// A part of a file system, and where in the tree it is.
struct Region {
    std::string device;
    std::string part;  ///< absolute in the file system
    std::string path;  ///< relative to the root of the tree; empty: the root
};

/// What an open directory shows when it is at a path of the tree: its own region first, then what
/// is mounted below it. Where the kernel does not tell mounts, its path stands for a region.
/// \param path in the tree, relative to the root
std::vector<Region> regions_at(int directory, const std::string& path);

/// Which directories of a tree are in it at several places, because they, or what is above them,
/// are mounted there as well (mount --bind), or because a symlink that is followed leads there. A
/// file in them has one inode and as many names.
class RepeatedDirectories {
 public:
    void add(const std::vector<Region>& regions);

    /// Whether a part of that is in the tree at another path than theirs.
    bool have_any_of(const std::vector<Region>& regions) const;
    /// Whether that contains the path itself: a walk that goes there comes back without end.
    /// \param path relative to the root
    bool contain(const std::vector<Region>& regions, std::string_view path) const;

    /// At how many places the files of a directory are; 1: only there.
    /// \param path relative to the root, empty for the root itself
    std::uint32_t places_of(std::string_view path) const;

 private:
    std::vector<Region> regions_;
    /// One for each other place of what is there.
    std::vector<std::string> repeated_;
};

}  // namespace mastobak::media
