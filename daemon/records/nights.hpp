// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "daemon/records/history.hpp"
#include "daemon/records/staging_usage.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::daemon {

/// The size of what the sets need at a place.
struct PlaceSize {
    std::string place;  ///< scrub::staging_place, or the name of a remote
    Bytes bytes;
};

/// A run that has ended, for the report's calendar and charts.
struct Night {
    std::string id;  ///< "20261122T030000Z": time of its beginning
    Timestamp started_at;
    std::chrono::nanoseconds took{0};
    std::optional<std::string> set;  ///< the set that it published
    std::string error;               ///< why it failed, shortened; empty: it succeeded
    std::size_t warnings = 0;
    std::string note;  ///< of `mastobak run --note`
    std::chrono::nanoseconds downtime{0};
    // The sizes of what the run added to staging:
    Bytes database;  ///< the dump, or its difference from a base
    Bytes media;     ///< new packs
    Bytes other;     ///< configuration, index, lists
    // Staging after the run, before retention; nullopt: unknown.
    std::optional<Bytes> used;
    std::optional<Bytes> room;  ///< room for a run
    /// Size of what the sets need at each place, as far as the ledgers of the scrub know it.
    std::vector<PlaceSize> places;

    bool ok() const { return set.has_value(); }
};

/// Returns the night of a run that has ended.
/// \param manifest of the published set; null for a run that failed
Night night_of(const RunRecord& record, const store::Manifest* manifest);
/// Returns the night of which only the set is known.
Night night_of(const store::Manifest& manifest);

/// Reads the nights, oldest first: `nights.json` in the state directory. Ignores a file that cannot
/// be read.
std::vector<Night> read_nights(const std::filesystem::path& state_directory);

/// Adds a night durably, and forgets the oldest ones if there are more than 400. Blocks. Throws
/// Error{staging}.
void add_night(const std::filesystem::path& state_directory, const Night& night);

/// Returns the bytes in a staging directory.
Bytes used_of(const Storage& storage);

}  // namespace mastobak::daemon
