// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/unique_fd.hpp"

/// The ways in which a media tree may be the wrong one.
namespace mastobak::media {

/// The error of a media directory that is not to be used, by errno: absent, not to be read, on a
/// mount whose server is gone, damaged.
Error unusable_root(const std::filesystem::path& root, int error);

/// Opens the directory for looking at it.
/// \param owners whose it has to be; empty: anybody's, as an administrator has named it
/// Throws Error{media} when it is absent, not to be read, another user's, or when a symlink of another
/// user than its owner and root leads to it.
UniqueFd open_root(const std::filesystem::path& root, const std::vector<uid_t>& owners = {});

/// A backup of the backup would grow until the disk is full.
/// Throws Error{media} when the packs would be made below the root.
void check_apart(const std::filesystem::path& root, const std::filesystem::path& packs);

/// Throws Error{media}: an empty tree is one that is not mounted.
void check_not_empty(const std::filesystem::path& root, std::uint64_t files);

/// What there is to say of a tree that lost nearly all of its files since the last backup.
std::optional<std::string> shrinkage(std::uint64_t files, std::uint64_t previous);

}  // namespace mastobak::media
