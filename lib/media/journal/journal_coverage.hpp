// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mastobak::media {

/// Returns whether a path leads to the open directory.
bool is_same_directory(int directory, const std::filesystem::path& path);

/// Returns why a fanotify group does not report all changes below a directory; empty if it does.
///
/// A group reports no more events, and no error, once its file system is unmounted. It also reports
/// no events from file systems that are mounted below the directory. Other parts of the same file
/// system that are mounted there are reported, but with other paths, so they count as a gap as
/// well.
/// \param root     descriptor of the directory
/// \param excluded names of directories in it below which anything may be mounted
/// Source: proc(5), /proc/self/fdinfo of a fanotify group, and /proc/self/mountinfo.
std::string coverage_gap(int group, int root, const std::vector<std::string>& excluded);

}  // namespace mastobak::media
