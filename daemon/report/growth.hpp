// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"

namespace mastobak::daemon::report {

/// How full a place was, at different times.
using Measurements = std::vector<std::pair<Timestamp, Bytes>>;

/// Returns by how many bytes a day a place grows (negative: it shrinks), by a line through the
/// measurements of the last 60 days; nullopt for fewer than three, or over less than two days.
std::optional<double> growth_per_day(const Measurements& measurements, Timestamp now);

/// Returns when a place is full at that rate; nullopt when it does not grow, and when that is more
/// than ten years away.
/// \param free bytes that are still free
std::optional<Timestamp> full_at(double growth_per_day, Bytes free, Timestamp now);

}  // namespace mastobak::daemon::report
