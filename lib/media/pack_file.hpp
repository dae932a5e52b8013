// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "core/sha256.hpp"
#include "core/unique_fd.hpp"

namespace mastobak::media {

/// A new file (O_EXCL, 0600) that is hashed as it is written, and whose end can be taken back.
/// Throws Error{staging}.
class PackFile {
 public:
    explicit PackFile(std::filesystem::path path);

    void write(std::span<const std::byte> data);
    std::uint64_t size() const { return size_; }
    /// Cuts the file off. Reads what is left of it once more, for the digest: for rare cases.
    void truncate(std::uint64_t size);

    /// The digest of all that was written. Nothing may be written after it.
    Digest finish();
    /// The file, to be synced and closed by whoever takes it.
    UniqueFd release() { return std::move(fd_); }
    const std::filesystem::path& path() const { return path_; }

 private:
    void flush();
    void put(std::span<const std::byte> data);

    std::filesystem::path path_;
    UniqueFd fd_;
    Sha256 hash_;
    std::vector<std::byte> buffer_;  ///< small writes: headers and padding
    std::uint64_t size_ = 0;         ///< the buffer included
    std::uint64_t writeback_ = 0;    ///< the kernel was told to write up to here
};

}  // namespace mastobak::media
