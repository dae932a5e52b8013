// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <stop_token>
#include <string>
#include <utility>

#include "core/files/files.hpp"
#include "offsite/remote.hpp"
#include "offsite/stall_watch.hpp"

namespace mastobak::offsite {

/// Compares the number of bytes received with the length of the part, because a server may send any
/// number of bytes, and ends a transfer that hardly advances.
class PartCounter {
 public:
    PartCounter(const Part& part, std::string remote) : part_(part), remote_(std::move(remote)) {}

    /// \param came number of bytes that came so far
    /// Throws Error{offsite} when more bytes came than the part has, or when they come too slowly.
    void take(std::uint64_t came);
    /// Throws Error{offsite} when fewer bytes came than the part has.
    void finish(std::uint64_t came) const;
    const Part& part() const { return part_; }

 private:
    const Part part_;
    const std::string remote_;
    StallWatch watch_{{}};
};

/// The file into which a part of an object is fetched. It is removed unless the whole part was
/// received.
class IncomingFile {
 public:
    /// \param remote name of the remote, used in messages
    /// Throws Error{offsite} when the file exists or cannot be created.
    IncomingFile(const Part& part, std::filesystem::path file, std::string remote);
    ~IncomingFile();
    IncomingFile(const IncomingFile&) = delete;
    IncomingFile& operator=(const IncomingFile&) = delete;

    /// Throws Error{offsite} when more bytes came than the part has.
    void write(std::span<const std::byte> data);
    /// Copies the part from a file that has the whole object.
    /// \param object path of that file, used in messages
    void copy_from(int fd, const std::filesystem::path& object, const std::stop_token& stop);
    /// Returns the SHA-256 of the part. Throws Error{offsite} when the length is wrong.
    Digest finish();

 private:
    PartCounter counter_;
    HashingFile file_;
    bool whole_ = false;
};

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
