// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <filesystem>
#include <stop_token>
#include <string>

#include "postgres/restore/check.hpp"
#include "restore/drill/drill.hpp"
#include "restore/source/pack_source.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::restore {

/// "packs": whether every pack that a manifest names is there, with its size. None of them is read.
/// Throws Error{offsite}, Error{cancelled}.
postgres::Check check_packs(const store::Manifest& manifest, PackSource& packs);

/// What of a set's media is looked at.
struct MediaToDrill {
    const store::Manifest& manifest;
    const std::filesystem::path& index;
    PackSource& packs;
    const std::string& place;  ///< SetSource::name(): what was read there is remembered
};

struct DrilledMedia {
    postgres::Check check{.name = "media"};
    MediaRead read{};
    TimeFit times{};                   ///< of restoring the sample, by file, in threads
    std::chrono::nanoseconds sync{0};  ///< until it was on the disk
    Bytes written{};
};

/// "media": restores a sample of a set's media, piece by piece, so that each file was compared
/// with its hash; and removes them again. Of each pack the end is read, or for a sample of
/// everything all of it.
/// \param of_index gets what the manifest says otherwise than the index
/// \param of_packs check_packs(); gets what is wrong with them
/// \param directory to work in
/// Throws Error{environment}, Error{offsite}, Error{cancelled}.
DrilledMedia drill_media(const MediaToDrill& media, const DrillOptions& options,
                         const std::filesystem::path& directory, postgres::Check& of_index,
                         postgres::Check& of_packs, const OnDrillProgress& progress,
                         const std::stop_token& stop);

}  // namespace mastobak::restore
