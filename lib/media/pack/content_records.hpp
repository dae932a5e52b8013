// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "core/crypto/sha256.hpp"
#include "core/unique_fd.hpp"

namespace mastobak::media {

/// Contents, and where a member has them; as DigestCache has them in its file.
struct ContentRecord {
    Digest sha256;
    std::uint64_t offset = 0;
    std::uint64_t stored = 0;
    std::uint32_t pack = 0;  ///< number of its name
    std::uint32_t check = 0;

    /// A checksum of all else: a flipped bit must not lead to other contents.
    std::uint32_t right_check() const;
};

/// Sorts any number of records by their digests, in 24 MiB: what does not fit waits in a file.
class ContentSorter {
 public:
    /// \param scratch a file to be; it has no name any more when the constructor returns
    /// Throws Error{staging}.
    explicit ContentSorter(const std::filesystem::path& scratch);

    void add(const ContentRecord& record);
    /// Hands out all of them, in their order.
    void drain(const std::function<void(const ContentRecord&)>& take);

 private:
    class Run;
    void spill();

    const std::filesystem::path scratch_;
    UniqueFd fd_;
    std::vector<ContentRecord> records_;
    std::vector<std::uint64_t> runs_;  ///< how many records each has
};

}  // namespace mastobak::media
