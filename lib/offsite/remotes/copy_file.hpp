// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>

#include "offsite/remote.hpp"

namespace mastobak::offsite {

/// Copies an object's file to a path that does not exist: to a hidden name beside it, fsync,
/// reading it back from the disk, rename. Nothing is left behind when it fails.
/// Throws Error{offsite}, Error{cancelled}; Error{corrupt} when our file is not what it was
/// published as.
void copy_file(const Object& object, const std::filesystem::path& to,
               const UploadProgress& progress, std::stop_token stop);

/// Tries in a directory what copy_file() needs of its file system: private files, long names,
/// renames that replace nothing, fsync. What it makes, it removes. Throws Error{offsite} that says
/// what cannot be done.
void try_place(const std::filesystem::path& directory);

/// fsync(2) of a directory, where its file system can do that (CIFS and FUSE may not).
void sync_names(const std::filesystem::path& directory);

}  // namespace mastobak::offsite
