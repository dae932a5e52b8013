// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <stop_token>

#include "postgres/restore/check.hpp"
#include "restore/drill/drill.hpp"
#include "restore/source/pack_source.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::restore {

/// "packs": whether every pack that a manifest names is there, with its size. None of them is read.
/// Throws Error{offsite}, Error{cancelled}.
postgres::Check check_packs(const store::Manifest& manifest, PackSource& packs);

struct DrilledMedia {
    postgres::Check check{.name = "media"};
    /// What all of the media would take, from what the sample took.
    std::optional<std::chrono::nanoseconds> all_of_them{};
};

/// "media": restores a sample of a set's media, piece by piece, so that each file was compared
/// with its hash; and removes them again.
/// \param index     of the set
/// \param directory to work in
/// Throws Error{environment}, Error{offsite}, Error{cancelled}.
DrilledMedia drill_media(const std::filesystem::path& index, PackSource& packs,
                         const DrillOptions& options, const std::filesystem::path& directory,
                         const OnDrillProgress& progress, const std::stop_token& stop);

}  // namespace mastobak::restore
