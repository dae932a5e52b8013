// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "core/crypto/sha256.hpp"
#include "core/error.hpp"
#include "core/files/unique_fd.hpp"

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

/// Reads from the current position of an open file, up to the size of the block, and returns the
/// number of bytes; 0 at the end of the file.
/// \param path used in messages
std::size_t read_block(int fd, std::span<std::byte> block, const std::filesystem::path& path,
                       Errc code = Errc::staging);

/// Fills a span from an offset (in bytes) of an open file. Does not throw.
/// \return the number of bytes, fewer than the span has only at the end of the file; -1 with errno
ssize_t read_at(int fd, std::span<std::byte> to, std::uint64_t offset) noexcept;

/// Opens a file or directory; O_CLOEXEC is added.
/// \param mode permissions of a file that O_CREAT makes
UniqueFd open_file(const std::filesystem::path& path, int flags, Errc code = Errc::staging,
                   mode_t mode = 0);

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

/// Renames a file or directory, and refuses to replace an existing one. On a file system without
/// RENAME_NOREPLACE (sshfs, NFS, CIFS, ZFS before 2.2), the check and the rename are two steps, so
/// the caller has to be the only writer.
void rename_new(const std::filesystem::path& from, const std::filesystem::path& to,
                Errc code = Errc::staging);

/// Does the same, and fsyncs both directories.
void publish(const std::filesystem::path& from, const std::filesystem::path& to,
             Errc code = Errc::staging);

/// Creates a directory and its missing parents; all new directories get the mode.
void make_directories(const std::filesystem::path& path, mode_t mode = 0700,
                      Errc code = Errc::staging);

/// Returns the paths in a directory, in any order; none when there is no such directory.
std::vector<std::filesystem::path> entries_of(const std::filesystem::path& directory,
                                              Errc code = Errc::staging);

/// Removes a file, or a directory with all that is in it. Returns whether there was one.
bool remove_path(const std::filesystem::path& path, Errc code = Errc::staging);

/// Returns whether there is a file of this size.
bool has_size(const std::filesystem::path& file, Bytes size);

/// Returns the free space for unprivileged users on the file system of a path.
Bytes free_space(const std::filesystem::path& path, Errc code = Errc::staging);

/// Returns the error for an errno of a write to a path. For a full or read-only file system it has
/// a hint.
Error write_error(Errc code, std::string_view path, int error);

/// A file or directory that is removed, with all that is in it, when the object is made and again
/// when it is destroyed. Errors of the removal are ignored.
class Temporary {
 public:
    explicit Temporary(std::filesystem::path path) : path_(std::move(path)) { remove(); }
    ~Temporary() { remove(); }
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;

    const std::filesystem::path& path() const { return path_; }

 private:
    void remove() const noexcept;

    const std::filesystem::path path_;
};

/// The size and digest of a file.
struct FileDigest {
    Bytes size;
    Digest sha256;
};

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
