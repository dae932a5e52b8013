// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "scrub/ledger.hpp"

/// Which objects are read when, so that each was read within a period. Pure.
namespace mastobak::scrub {

/// How often a slice begins, as long as the host has the time for it.
inline constexpr std::chrono::seconds slice_every = std::chrono::hours(1);

/// The objects to be read next, the most urgent first: those whose last reading (or, for one that
/// was never read, whose arrival) is the longest ago. What was read within the last half of the
/// period is not among them.
std::vector<std::string> reading_order(const Ledger& ledger, std::chrono::seconds period,
                                       Timestamp now);

/// How much a slice reads: as much as has all read in two thirds of the period when each slice can
/// be made, and at least what has little time left.
Bytes slice_budget(const Ledger& ledger, std::chrono::seconds period, Timestamp now);

/// Whether a slice is to begin: the last one is long enough ago, and something is to be read, or
/// the objects have not been listed for a day.
bool slice_is_due(const Ledger& ledger, std::chrono::seconds period, Timestamp now);

/// Whether the objects of a place are to be listed again.
bool listing_is_due(const Ledger& ledger, Timestamp now);

}  // namespace mastobak::scrub
