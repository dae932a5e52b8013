// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "postgres/explain/explain.hpp"
#include "postgres/restore/check.hpp"
#include "restore/estimate.hpp"

namespace mastobak::restore {

/// What drills have read of a set's media at one place: files that were compared with their hash.
struct MediaRead {
    postgres::Amount now{};   ///< by this drill
    postgres::Amount ever{};  ///< by this one and those before
    postgres::Amount of{};
    /// How many more of them read the rest; nothing: as they are configured, none ever will.
    std::optional<std::uint64_t> drills_left{};
    /// When that will be, as drills are scheduled; nothing: not known.
    std::optional<Timestamp> all_read_by{};
};

/// What came of a drill.
struct DrillReport {
    std::string set{};
    std::string source{};  ///< "remote 'b2'"
    Timestamp started_at{};
    std::chrono::nanoseconds took{0};
    std::vector<postgres::Check> checks{};
    /// Which rows differ; what was not asked for is empty.
    std::vector<postgres::ExplainedTable> explained{};
    std::optional<MediaRead> media{};  ///< nothing: none was looked at
    /// What a restore of all of it would take on this host, from what was measured; nothing when
    /// too little of it went well to tell.
    std::optional<RestoreEstimate> full_restore{};
    RestoreRates rates{};  ///< measured; of what went well
    Bytes fetched{};       ///< over a network

    /// Every check was good, or skipped for a reason that is not a fault of the set.
    bool proven() const;
};

}  // namespace mastobak::restore
