// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>

#include "offsite/remote.hpp"

namespace mastobak::offsite {

/// Copies an object's file to a path that does not exist: writes a hidden file beside it, syncs it,
/// reads it back from the disk, and renames it. Removes the hidden file after a failure.
/// Throws Error{offsite}, Error{cancelled}; Error{corrupt} when the local file is not as it was
/// published.
void copy_file(const Object& object, const std::filesystem::path& to,
               const UploadProgress& progress, std::stop_token stop);

/// Tests whether the file system of a directory supports what copy_file() needs: private files,
/// long names, renames that do not replace, fsync. Removes its test files.
/// Throws Error{offsite} that names the unsupported operation.
void try_place(const std::filesystem::path& directory);

/// Calls fsync(2) on a directory. An unsupported fsync is not an error (CIFS and FUSE).
void sync_names(const std::filesystem::path& directory);

}  // namespace mastobak::offsite
