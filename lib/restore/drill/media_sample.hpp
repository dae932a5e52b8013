// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "media/index/index.hpp"
#include "restore/drill/media_coverage.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::restore {

/// The files of a set that a drill restores, and what it has counted while it chose them.
struct MediaSample {
    std::uint64_t files = 0;
    Bytes bytes;
    std::uint64_t of_files = 0;
    Bytes of_bytes;
    /// The files that this drill or an earlier one has read, once this drill has read the sample.
    std::uint64_t ever_files = 0;
    Bytes ever_bytes;
    /// How many more drills like this one it takes to read all files; empty if they never will.
    std::optional<std::uint64_t> drills_left{};
    std::vector<bool> groups{};  ///< for each group of the coverage: whether it is in the sample
    /// The file whose member is the last one of its pack, by pack.
    std::map<std::string, media::Entry> last{};
    media::PacksUsed used{};  ///< how the index uses the packs that the manifest names
    std::string stranger{};   ///< a pack that the index names and the manifest does not
    /// Indexes of the sample for restore_media(), each with at most 256 MiB of files, or with one
    /// larger file.
    std::vector<std::filesystem::path> pieces{};
};

/// The largest total size of the files in a piece, unless it is one larger file.
inline constexpr Bytes largest_piece{std::uint64_t{256} << 20};

struct SampleSize {
    double share = 0;           ///< share of the files to read, from 0 to 1
    std::uint64_t minimum = 0;  ///< smallest number of files to read, whatever their share
};

/// Chooses the sample: members of all packs, first those that drills have not read for longest, so
/// that successive drills read everything. The memory that it takes does not grow with the number
/// of files, except for one entry for each pack.
/// \param index     index of the set
/// \param coverage  coverage of earlier drills
/// \param manifest  manifest of the set
/// \param directory directory for the pieces
/// Throws Error{corrupt} for an index that cannot be read, Error{environment}, Error{cancelled}.
MediaSample choose_sample(const media::IndexFiles& index, const MediaCoverage& coverage,
                          const SampleSize& size, const store::Manifest& manifest,
                          const std::filesystem::path& directory, std::stop_token stop);

}  // namespace mastobak::restore
