// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/crypto/sha256.hpp"
#include "core/unique_fd.hpp"
#include "media/index/location.hpp"

namespace mastobak::media {

/// The contents of all files of an index, by SHA-256: where a pack has them.
///
/// A cache in a file beside the index, 56 bytes a file and in the order of this machine's bytes;
/// without one, more is packed than needed. In memory are 256 KiB and the names of the packs.
class DigestCache {
 public:
    /// Nothing when there is no such file, or it is of another index, damaged or of another
    /// version.
    /// \param index the digest of the index
    static std::optional<DigestCache> open(const std::filesystem::path& file, const Digest& index);

    /// A member with these contents, without holes; nothing also when the file cannot be read.
    std::optional<Location> find(const Digest& contents) const;

 private:
    DigestCache() = default;
    bool read_head(const Digest& index);

    UniqueFd fd_;
    std::vector<std::uint64_t> first_;  ///< record for each beginning of a digest (two bytes)
    std::vector<std::string> packs_;
};

/// Makes the file of an index: reads it once, and takes as much room again while it is at it.
/// \param index  it, and its digest
/// \param file   made or replaced, when it is whole
/// Throws Error{corrupt} for a damaged index, Error{staging}, Error{cancelled}.
void write_known_contents(const std::filesystem::path& index, const Digest& sha256,
                          const std::filesystem::path& file, std::stop_token stop);

}  // namespace mastobak::media
