// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <filesystem>
#include <stop_token>
#include <string>

#include "media/index/index.hpp"
#include "postgres/check/check.hpp"
#include "postgres/connection.hpp"
#include "restore/drill/drill.hpp"
#include "restore/source/pack_source.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::restore {

/// Makes the check "packs": every pack that the manifest names has to be at its place, with its
/// size. Reads no pack.
/// Throws Error{offsite}, Error{cancelled}.
postgres::Check check_packs(const store::Manifest& manifest, PackSource& packs);

/// The media that a drill checks.
struct MediaToDrill {
    const store::Manifest& manifest;
    const media::IndexFiles& index;
    PackSource& packs;
    const std::string& place;  ///< SetSource::name(); the record of what was read is kept by place
};

/// The result of the media check.
struct DrilledMedia {
    postgres::Check check{.name = "media"};
    MediaRead read{};
    TimeFit times{};                   ///< times of restoring each file of the sample, in threads
    std::chrono::nanoseconds sync{0};  ///< how long syncing the sample to the disk took
    Bytes written{};
};

/// Makes the check "media": restores a sample of a set's media in pieces, which compares each file
/// with its hash, and removes the files again. Reads the end of each pack, or all of each pack if
/// DrillOptions::media_sample is 1.
/// \param of_index receives differences between the manifest and the index
/// \param of_packs the result of check_packs(); receives the problems of packs
/// \param directory directory for temporary files
/// Throws Error{environment}, Error{offsite}, Error{cancelled}.
DrilledMedia drill_media(const MediaToDrill& media, const DrillOptions& options,
                         const std::filesystem::path& directory, postgres::Check& of_index,
                         postgres::Check& of_packs, const OnDrillProgress& progress,
                         const std::stop_token& stop);

/// Makes the check "files": every file that a restored database names has to be in the set's index,
/// with its size, except those that the backup already recorded as missing.
/// \param missing_list missing-media.txt of the set; empty if there is none
/// Throws Error{database}, Error{corrupt} for an index that cannot be read, Error{cancelled}.
postgres::Check check_files(const postgres::Settings& database, const store::Manifest& manifest,
                            const media::IndexFiles& index,
                            const std::filesystem::path& missing_list, std::stop_token stop);

}  // namespace mastobak::restore
