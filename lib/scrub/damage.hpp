// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "config/config.hpp"
#include "core/clock.hpp"
#include "scrub/ledger.hpp"
#include "scrub/place.hpp"

namespace mastobak::scrub {

/// describe_damage() checks the members of a pack that the newest sets use, and reads the indexes
/// of this many sets.
inline constexpr std::size_t most_indexes = 3;

/// Describes the damage of an object: the damaged members of a pack, for which the pack is read,
/// the sets that use the object, and a place that is known to have a good copy.
/// \param scratch directory into which a pack of a remote is fetched, if there is room
/// Throws only Error{cancelled}. What cannot be determined is left out.
Damage describe_damage(const config::Config& config, Place& place, const std::string& object,
                       const Wanted& wanted, const std::string& problem, Timestamp now,
                       const std::filesystem::path& scratch, const std::stop_token& stop);

/// Returns a place that has a good copy of an object, according to the ledgers and the history of
/// uploads: "staging", "remote 'b2'"; empty when no such place is known.
/// \param but the place where the object is damaged
std::string known_good_copy(const config::Config& config, const std::string& object,
                            const Wanted& wanted, const std::string& but);

/// Marks the sets of an object that is damaged in staging, so that retention does not count them.
/// `verify` removes the marks of sets that are good again. Throws Error{staging}.
void mark_sets(const config::Config& config, const Damage& damage, const std::string& object);

}  // namespace mastobak::scrub
