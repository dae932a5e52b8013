// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/crypto/sha256.hpp"
#include "core/files/unique_fd.hpp"
#include "media/index/index.hpp"

namespace mastobak::media {

/// Finds the place of given contents in the packs of an index, by their SHA-256.
///
/// The cache is a file beside the index, in this machine's byte order, with 56 bytes for each file
/// of the index. Without it, a run packs contents again that a pack already has. The memory is
/// 512 KiB and the names of the packs.
class DigestCache {
 public:
    /// Returns nullopt when the file is missing, damaged, of another version or of another index.
    /// \param index digest of the index
    static std::optional<DigestCache> open(const std::filesystem::path& file, const Digest& index);

    /// Returns a member without holes that has these contents; nullopt when there is none, or when
    /// the file cannot be read.
    std::optional<Location> find(const Digest& contents) const;

 private:
    DigestCache() = default;
    bool read_head(const Digest& index);

    UniqueFd fd_;
    std::vector<std::uint64_t> first_;  ///< first record for each two-byte prefix of a digest
    std::vector<std::string> packs_;
};

/// Writes the cache file of an index. Reads the index once. While it works it needs up to twice the
/// size of the new cache file on disk, in addition to the file that it replaces.
/// \param index  path of the index
/// \param sha256 digest of the index
/// \param file   created or replaced after the new file is complete
/// Throws Error{corrupt} for a damaged index, Error{staging}, Error{cancelled}.
void write_known_contents(const IndexFiles& index, const Digest& sha256,
                          const std::filesystem::path& file, std::stop_token stop);

}  // namespace mastobak::media
