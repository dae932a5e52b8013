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
#include "media/index/packs_used.hpp"
#include "restore/drill/media_coverage.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::restore {

/// Files of a set that are read to see whether all of them could be.
struct MediaSample {
    std::uint64_t files = 0;
    Bytes bytes;
    std::uint64_t of_files = 0;
    Bytes of_bytes;
    /// Those that this drill or one before has read, once it has read the sample.
    std::uint64_t ever_files = 0;
    Bytes ever_bytes;
    /// How many more drills like this one will have read all of them; nothing: no number will.
    std::optional<std::uint64_t> drills_left{};
    std::vector<bool> groups{};  ///< of the coverage, that are in the sample
    /// The file whose member is the last one, of each pack.
    std::map<std::string, media::Entry> last{};
    media::PacksUsed used{};  ///< by the whole index, of those that the manifest names
    std::string stranger{};   ///< a pack that the index names and the manifest does not
    /// Indexes of the sample, for restore_media(): each of at most 256 MiB, or of one file.
    std::vector<std::filesystem::path> pieces{};
};

/// As much as a piece has, and as much room as it needs.
inline constexpr Bytes largest_piece{std::uint64_t{256} << 20};

struct SampleSize {
    double share = 0;           ///< of the files, 0 to 1
    std::uint64_t minimum = 0;  ///< files, whatever their share
};

/// Chooses the sample: members of all packs, those that drills have not read for longest, so that
/// successive drills read everything. In memory that does not grow with the number of files, but
/// for an entry for each pack.
/// \param index     of the set
/// \param coverage  of drills before
/// \param manifest  of that set
/// \param directory that takes the pieces
/// Throws Error{corrupt} for an index that cannot be read, Error{environment}, Error{cancelled}.
MediaSample choose_sample(const std::filesystem::path& index, const MediaCoverage& coverage,
                          const SampleSize& size, const store::Manifest& manifest,
                          const std::filesystem::path& directory, std::stop_token stop);

}  // namespace mastobak::restore
