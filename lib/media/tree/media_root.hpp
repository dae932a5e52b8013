// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/files/unique_fd.hpp"

/// The ways in which a media tree may be the wrong one.
namespace mastobak::media {

/// Returns the error for an unusable media directory by errno: absent, unreadable, damaged, or on a
/// mount whose server does not answer.
Error unusable_root(const std::filesystem::path& root, int error);

/// Opens the root of the media tree.
/// \param owners users that may own it; empty: any user, when an administrator configured the path
/// Throws Error{media} when it is absent, unreadable or owned by another user, or when its path has
/// a symlink that belongs neither to root nor to the owner of the directory.
UniqueFd open_root(const std::filesystem::path& root, const std::vector<uid_t>& owners = {});

/// Throws Error{media} when the packs would be written below the root: a backup of its own packs
/// would grow until the disk is full.
void check_apart(const std::filesystem::path& root, const std::filesystem::path& packs);

/// Throws Error{media} when the tree has no files: its file system is probably not mounted.
void check_not_empty(const std::filesystem::path& root, std::uint64_t files);

/// Returns a warning when the tree has lost nearly all of its files since the last backup.
std::optional<std::string> shrinkage(std::uint64_t files, std::uint64_t previous);

}  // namespace mastobak::media
