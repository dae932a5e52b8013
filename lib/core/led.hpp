// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <set>

#include "core/error.hpp"

namespace mastobak {

/// The users whose symlinks lead to what was opened, root left out.
/// \param fd   of the open file or directory
/// \param path by which it was opened, absolute
/// \return nothing when the path leads elsewhere by now: open it again
std::optional<std::set<uid_t>> leaders_to(int fd, const std::filesystem::path& path);

/// Whether a file is what a path leads to. Refuses a file to which a symlink of another user than
/// root has led, unless that user may read it: with our rights, a lesser user could choose any file
/// of the host otherwise. Rights that only an ACL gives do not count.
/// \param fd   of the open file
/// \param path by which it was opened, absolute
/// \return false when the path leads elsewhere by now: open it again
/// Throws Error{code} when that user may not.
bool is_led_fairly(int fd, const std::filesystem::path& path, Errc code);

}  // namespace mastobak
