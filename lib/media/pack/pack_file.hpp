// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <span>

#include "core/crypto/sha256.hpp"
#include "core/files/unique_fd.hpp"

namespace mastobak::media {

/// A new file (O_EXCL, 0600) that is hashed while it is written. The last part can be taken back.
///
/// Writes bypass the page cache where the file system supports O_DIRECT (open(2)). For gigabytes
/// that are not read soon this is at least twice as fast, and the pages of PostgreSQL and the web
/// server stay in the cache. A thread writes one block while the next one is filled and hashed.
/// Throws Error{staging}; an error of writing a block may be thrown by a later call.
class PackFile {
 public:
    explicit PackFile(std::filesystem::path path);
    PackFile(const PackFile&) = delete;
    PackFile& operator=(const PackFile&) = delete;

    void write(std::span<const std::byte> data);
    std::uint64_t size() const { return written_ + filled_; }
    /// Marks the current end of the file as the position for rewind().
    void mark() { mark_ = size(); }
    /// Takes back all data that was written since mark(). Reads at most one block from the disk.
    void rewind();

    /// Writes the remaining data and returns the digest of the file. No write() may follow.
    Digest finish();
    /// Returns the descriptor; the caller has to fsync and close it.
    UniqueFd release() { return std::move(fd_); }
    const std::filesystem::path& path() const { return path_; }

 private:
    struct Free {
        void operator()(std::byte* memory) const { std::free(memory); }
    };
    using Block = std::unique_ptr<std::byte[], Free>;

    static Block make_block();
    void submit();
    void wait();
    void put(std::span<const std::byte> data);
    /// Reads the beginning of the last written block from the disk into the block being filled.
    void read_again(std::size_t size);
    void set_direct(bool direct);

    std::filesystem::path path_;
    UniqueFd fd_;
    bool direct_ = false;
    std::uint64_t mark_ = 0;
    Sha256 hash_;          ///< hash of the bytes before the block being filled
    Sha256 hash_at_mark_;  ///< hash before the block with the mark, once that is written
    std::uint64_t written_at_mark_ = 0;
    Block filling_;
    Block writing_;
    std::size_t filled_ = 0;       ///< bytes in the block being filled
    std::uint64_t written_ = 0;    ///< bytes before that block, on the disk or on their way to it
    std::future<void> in_flight_;  ///< its destructor waits for the write, so it is the last member
};

}  // namespace mastobak::media
