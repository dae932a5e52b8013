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
#include "core/unique_fd.hpp"

namespace mastobak::media {

/// A new file (O_EXCL, 0600) that is hashed as it is written, and of which the last part can be
/// taken back.
///
/// It goes past the page cache where the file system can (O_DIRECT, open(2)): twice as fast or
/// better for gigabytes that are not read soon, and what PostgreSQL and the web server have in the
/// cache stays there. A thread writes one block while the next one is filled and hashed.
/// Throws Error{staging}, for a block also at a later call.
class PackFile {
 public:
    explicit PackFile(std::filesystem::path path);
    PackFile(const PackFile&) = delete;
    PackFile& operator=(const PackFile&) = delete;

    void write(std::span<const std::byte> data);
    std::uint64_t size() const { return written_ + filled_; }
    /// Where a part begins that may be taken back.
    void mark() { mark_ = size(); }
    /// Takes back all that was written since the mark. At most one block is read again for it.
    void rewind();

    /// The digest of all that was written. Nothing may be written after it.
    Digest finish();
    /// The file, to be synced and closed by the caller.
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
    /// The beginning of the block that was written last, into the one being filled.
    void read_again(std::size_t size);
    void set_direct(bool direct);

    std::filesystem::path path_;
    UniqueFd fd_;
    bool direct_ = false;
    std::uint64_t mark_ = 0;
    Sha256 hash_;          ///< of the bytes before the block being filled
    Sha256 hash_at_mark_;  ///< of those before the block with the mark, once that is written
    std::uint64_t written_at_mark_ = 0;
    Block filling_;
    Block writing_;
    std::size_t filled_ = 0;     ///< of the block being filled
    std::uint64_t written_ = 0;  ///< bytes before that block, on the disk or on their way to it
    std::future<void>
        in_flight_;  ///< its destructor waits: the last member, so that all else lives
};

}  // namespace mastobak::media
