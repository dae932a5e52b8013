// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mastobak::media {

/// Whether a path leads to the directory that is open.
bool is_same_directory(int directory, const std::filesystem::path& path);

/// Why a fanotify group does not hear of everything below a directory; empty if it does.
///
/// A group is deaf without a word when its file system was unmounted, and for what is mounted below
/// the directory: also for other parts of the same file system, as these have other paths.
/// \param root     open
/// \param excluded names of directories in it in which anything may be mounted
/// Source: proc(5), /proc/self/fdinfo of a fanotify group, and /proc/self/mountinfo.
std::string coverage_gap(int group, int root, const std::vector<std::string>& excluded);

}  // namespace mastobak::media
