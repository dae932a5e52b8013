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
    std::string device;  ///< as fdinfo writes it; on btrfs this differs from st_dev of stat(2)
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

/// Returns whether a path is the directory or below it. Both are absolute, or both are relative to
/// the same directory; neither has a slash at the end.
bool is_within(std::string_view path, std::string_view directory);

/// A directory of a file system, and its place in the tree.
struct Region {
    std::string device;
    std::string part;  ///< absolute path in the file system
    std::string path;  ///< relative to the root of the tree; empty: the root
};

/// Returns the regions of an open directory that has a path in the tree: its own region first, then
/// those that are mounted below it. If the mount table cannot be read, the result is one region
/// with the directory's real path.
/// \param path path in the tree, relative to the root
std::vector<Region> regions_at(int directory, const std::string& path);

/// The directories that are at several places of a tree, because they or a directory above them are
/// also mounted there (mount --bind), or because a followed symlink leads to them. A file in them
/// has one inode, and one name for each place.
class RepeatedDirectories {
 public:
    /// Adds the regions of the root or of a followed symlink.
    void add(const std::vector<Region>& regions);

    /// Returns whether any of these regions is in the tree at another path, also in part.
    bool have_any_of(const std::vector<Region>& regions) const;
    /// Returns whether these regions contain the path itself, so that a walk would never end.
    /// \param path relative to the root
    bool contain(const std::vector<Region>& regions, std::string_view path) const;

    /// Returns the number of places at which a file, or the files of a directory, are; 1: only
    /// at this one.
    /// \param path relative to the root, empty for the root itself
    std::uint32_t places_of(std::string_view path) const;

 private:
    std::vector<Region> regions_;
    /// Paths in the tree whose files are at another place too: one element for each other place.
    std::vector<std::string> repeated_;
};

}  // namespace mastobak::media
