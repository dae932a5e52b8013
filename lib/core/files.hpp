// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "core/crypto/sha256.hpp"
#include "core/error.hpp"
#include "core/unique_fd.hpp"

/// Files that are whole or not there: written beside, fsynced, renamed, the directory fsynced.
/// All of these throw Error with the code given (Errc::staging by default) and the path in the
/// text.
namespace mastobak {

/// The whole of a regular file. A FIFO, device or socket in its place is refused at once.
/// \param limit a larger file is refused, before and while it is read
std::string read_file(const std::filesystem::path& path, Errc code = Errc::staging,
                      Bytes limit = {std::uint64_t{64} << 20});

/// The same from a descriptor. \param path for messages
std::string read_all(int fd, const std::filesystem::path& path, Errc code = Errc::staging,
                     Bytes limit = {std::uint64_t{64} << 20});

/// Writes all of data, however often write(2) is content with less.
void write_all(int fd, std::span<const std::byte> data, std::string_view path,
               Errc code = Errc::staging);

/// fsync(2) and close(2), with both errors told.
void sync_and_close(UniqueFd fd, const std::filesystem::path& path, Errc code = Errc::staging);

/// fsync(2) of a file that was written before.
void sync_file(const std::filesystem::path& path, Errc code = Errc::staging);

/// fsync(2) of a directory, so that renames in it survive a power cut.
void sync_directory(const std::filesystem::path& directory, Errc code = Errc::staging);

/// Replaces or makes a small file, durably and at once (tmp, fsync, rename, fsync of the
/// directory). Of several writers, in one process or more, each has a temporary file of its own, so
/// that the file is always one writer's whole text: that of the last one. The umask does not count.
void write_file(const std::filesystem::path& path, std::string_view text, mode_t mode = 0600,
                Errc code = Errc::staging);

/// rename(2) that refuses to replace anything, then fsync of both directories. Where the file
/// system has no RENAME_NOREPLACE, the look and the rename are two steps: the caller is the only
/// writer.
void publish(const std::filesystem::path& from, const std::filesystem::path& to,
             Errc code = Errc::staging);

/// mkdir -p; new directories get the mode.
void make_directories(const std::filesystem::path& path, mode_t mode = 0700,
                      Errc code = Errc::staging);

/// Room for unprivileged users on the file system of path.
Bytes free_space(const std::filesystem::path& path, Errc code = Errc::staging);

/// The error for an errno met while writing to path; a full disk gets the hint to make room.
Error write_error(Errc code, std::string_view path, int error);

/// A new file for writing (O_EXCL, 0600) that hashes and counts what goes through it.
class HashingFile {
 public:
    explicit HashingFile(std::filesystem::path path, Errc code = Errc::staging);

    void write(std::span<const std::byte> data);
    Bytes size() const { return size_; }
    const std::filesystem::path& path() const { return path_; }

    /// fsync and close; the digest of all that was written. Nothing may be written after it.
    Digest finish();
    /// The same without the fsync: for what is not to be kept, or is synced later.
    Digest close();

 private:
    std::filesystem::path path_;
    Errc code_;
    UniqueFd fd_;
    Sha256 hash_;
    Bytes size_;
};

}  // namespace mastobak
