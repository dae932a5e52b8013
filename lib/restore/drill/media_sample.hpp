// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <vector>

#include "core/bytes.hpp"

namespace mastobak::restore {

/// Files of a set that are read to see whether all of them could be.
struct MediaSample {
    std::uint64_t files = 0;
    Bytes bytes;
    std::uint64_t of_files = 0;
    Bytes of_bytes;
    /// Indexes of the sample, for restore_media(): each of at most 256 MiB, or of one file.
    std::vector<std::filesystem::path> pieces;
};

/// As much as a piece has, and as much room as it needs.
inline constexpr Bytes largest_piece{std::uint64_t{256} << 20};

/// Chooses the sample: one half of it the newest files, which no drill before this one has seen,
/// the other half at random; and in any case one file of each pack. In memory that does not grow
/// with the number of files, but for 8 bytes for each of the newest ones.
/// \param index of the set
/// \param share   of the files, 0 to 1
/// \param minimum of them, whatever their share
/// \param directory that takes the pieces
/// Throws Error{corrupt} for an index that cannot be read, Error{environment}, Error{cancelled}.
MediaSample choose_sample(const std::filesystem::path& index, double share, std::uint64_t minimum,
                          const std::filesystem::path& directory, std::stop_token stop);

}  // namespace mastobak::restore
