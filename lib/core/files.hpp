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

/// Reading, and durable and atomic writing of files. All functions throw Error with the given code
/// (Errc::staging by default) and the path in the text.
namespace mastobak {

/// Returns the contents of a regular file. A FIFO, device or socket is refused without waiting.
/// \param limit a larger file is refused, also when it grows while it is read
std::string read_file(const std::filesystem::path& path, Errc code = Errc::staging,
                      Bytes limit = {std::uint64_t{64} << 20});

/// Reads an open file from its current position, with the same limit.
/// \param path used in messages
std::string read_all(int fd, const std::filesystem::path& path, Errc code = Errc::staging,
                     Bytes limit = {std::uint64_t{64} << 20});

/// Writes all of the data; repeats write(2) when it writes only a part.
/// \param path used in messages
void write_all(int fd, std::span<const std::byte> data, std::string_view path,
               Errc code = Errc::staging);

/// Calls fsync(2) and close(2), and throws for an error of either.
void sync_and_close(UniqueFd fd, const std::filesystem::path& path, Errc code = Errc::staging);

/// Calls fsync(2) for a file that was written before.
void sync_file(const std::filesystem::path& path, Errc code = Errc::staging);

/// Calls fsync(2) for a directory, so that renames in it survive a power cut.
void sync_directory(const std::filesystem::path& directory, Errc code = Errc::staging);

/// Replaces or creates a small file durably and atomically (temporary file, fsync, rename, fsync of
/// the directory). Each of several concurrent writers, in one process or more, has its own
/// temporary file, so the file always has the complete text of one writer, finally that of the last
/// one. The umask does not change the mode.
void write_file(const std::filesystem::path& path, std::string_view text, mode_t mode = 0600,
                Errc code = Errc::staging);

/// Renames a file or directory, refuses to replace an existing one, and fsyncs both directories. On
/// a file system without RENAME_NOREPLACE, the check and the rename are two steps, so the caller
/// has to be the only writer.
void publish(const std::filesystem::path& from, const std::filesystem::path& to,
             Errc code = Errc::staging);

/// Creates a directory and its missing parents; all new directories get the mode.
void make_directories(const std::filesystem::path& path, mode_t mode = 0700,
                      Errc code = Errc::staging);

/// Returns the free space for unprivileged users on the file system of a path.
Bytes free_space(const std::filesystem::path& path, Errc code = Errc::staging);

/// Returns the error for an errno of a write to a path. For a full or read-only file system it has
/// a hint.
Error write_error(Errc code, std::string_view path, int error);

/// A new file (O_EXCL, 0600) that hashes and counts the bytes that are written to it.
class HashingFile {
 public:
    explicit HashingFile(std::filesystem::path path, Errc code = Errc::staging);

    void write(std::span<const std::byte> data);
    Bytes size() const { return size_; }
    const std::filesystem::path& path() const { return path_; }

    /// Fsyncs and closes the file, and returns its digest. No write() may follow.
    Digest finish();
    /// Does the same without the fsync, for a file that is not kept or is fsynced later.
    Digest close();

 private:
    std::filesystem::path path_;
    Errc code_;
    UniqueFd fd_;
    Sha256 hash_;
    Bytes size_;
};

}  // namespace mastobak
