// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "scrub/ledger.hpp"

/// Decides when each object is read, so that all are read within a period. Pure functions.
namespace mastobak::scrub {

/// The time between the starts of two slices, if the host has time for them.
inline constexpr std::chrono::seconds slice_every = std::chrono::hours(1);

/// Returns the objects to read next, the most urgent first: those whose last reading is longest ago
/// (or, if an object was never read, its first listing). Leaves out objects that were read within
/// the last half of the period.
std::vector<std::string> reading_order(const Ledger& ledger, std::chrono::seconds period,
                                       Timestamp now);

/// Returns how much a slice reads: enough to read everything in two thirds of the period if no
/// slice is skipped, and at least all objects whose time is almost over.
Bytes slice_budget(const Ledger& ledger, std::chrono::seconds period, Timestamp now);

/// Returns whether a slice has to begin: the last slice is long enough ago, and there are objects
/// to read, or the objects were not listed for a day.
bool slice_is_due(const Ledger& ledger, std::chrono::seconds period, Timestamp now);

/// Returns whether the objects of a place have to be listed again.
bool listing_is_due(const Ledger& ledger, Timestamp now);

}  // namespace mastobak::scrub
