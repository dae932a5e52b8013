// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "core/crypto/sha256.hpp"
#include "core/files/unique_fd.hpp"

namespace mastobak::media {

/// The digest of a file's contents and the member that has them: a record in DigestCache's file.
struct ContentRecord {
    Digest sha256;
    std::uint64_t offset = 0;
    std::uint64_t stored = 0;
    std::uint32_t pack = 0;  ///< index into the list of pack names
    std::uint32_t check = 0;

    /// Returns the checksum of the other members. It has to equal `check`, so that a flipped bit
    /// cannot lead to other contents.
    std::uint32_t right_check() const;
};

/// Sorts any number of records by digest in 24 MiB of memory; it stores the rest in a scratch file.
class ContentSorter {
 public:
    /// \param scratch path at which the constructor creates the scratch file; the file is unlinked
    ///                when the constructor returns
    /// Throws Error{staging}.
    explicit ContentSorter(const std::filesystem::path& scratch);

    /// Throws Error{staging} when the scratch file cannot be written.
    void add(const ContentRecord& record);
    /// Passes all records to `take`, sorted by digest. No other call may follow.
    /// Throws Error{staging} when the scratch file cannot be written or read, and the exceptions of
    /// `take`.
    void drain(const std::function<void(const ContentRecord&)>& take);

 private:
    class Run;
    void spill();

    const std::filesystem::path scratch_;
    UniqueFd fd_;
    std::vector<ContentRecord> records_;
    std::vector<std::uint64_t> runs_;  ///< number of records in each sorted run of the file
};

}  // namespace mastobak::media
