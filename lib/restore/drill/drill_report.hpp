// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "postgres/restore/check.hpp"

namespace mastobak::restore {

/// What came of a drill.
struct DrillReport {
    std::string set{};
    std::string source{};  ///< "remote 'b2'"
    Timestamp started_at{};
    std::chrono::nanoseconds took{0};
    std::vector<postgres::Check> checks{};
    /// What a restore of all of it would take on this host, from what was measured; nothing when
    /// too little of it went well to tell.
    std::optional<std::chrono::seconds> full_restore{};
    Bytes fetched{};  ///< over a network

    /// Every check was good, or skipped for a reason that is not a fault of the set.
    bool proven() const;
};

}  // namespace mastobak::restore
