// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "postgres/check/check.hpp"
#include "postgres/explain/explain.hpp"
#include "restore/estimate.hpp"

namespace mastobak::restore {

/// How much of a set's media at one place drills have read, as files that were compared with their
/// hashes.
struct MediaRead {
    postgres::Amount now{};   ///< read by this drill
    postgres::Amount ever{};  ///< read by this drill and earlier drills
    postgres::Amount of{};    ///< all files
    /// How many more drills it takes to read the rest; empty if they never will, as drills are
    /// configured.
    std::optional<std::uint64_t> drills_left{};
    /// When all files will have been read, as drills are scheduled; nullopt if that is not known.
    std::optional<Timestamp> all_read_by{};
};

/// The result of a drill.
struct DrillReport {
    std::string set{};
    std::string source{};  ///< "remote 'b2'"
    Timestamp started_at{};
    std::chrono::nanoseconds took{0};
    std::vector<postgres::Check> checks{};
    /// Which rows differ; empty if DrillOptions::explain was not set.
    std::vector<postgres::ExplainedTable> explained{};
    std::optional<MediaRead> media{};  ///< empty when the drill did not check media
    /// How long a full restore would take on this host, from what was measured; empty if too little
    /// of the drill succeeded to estimate it.
    std::optional<RestoreEstimate> full_restore{};
    RestoreRates rates{};  ///< measured, where the work succeeded
    Bytes fetched{};       ///< over the network

    /// Returns whether no check is bad. A check may be skipped for a reason that is not a fault of
    /// the set.
    bool proven() const {
        return !checks.empty() &&
               std::ranges::count(checks, postgres::Verdict::bad, &postgres::Check::verdict) == 0;
    }
};

}  // namespace mastobak::restore
