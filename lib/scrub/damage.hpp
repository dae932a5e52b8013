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

/// Names what a damage concerns: the members of a pack, which are read for it, the sets, and a
/// place that has the object whole as far as is known.
/// \param scratch a pack of a remote is fetched into it, where there is room for that
/// Throws Error{cancelled} alone: what cannot be found out is left out.
Damage describe_damage(const config::Config& config, Place& place, const std::string& object,
                       const Wanted& wanted, const std::string& problem, Timestamp now,
                       const std::filesystem::path& scratch, const std::stop_token& stop);

/// The place that has an object whole, as far as the ledgers and the history of uploads know:
/// "staging", "remote 'b2'"; empty: none.
/// \param but the place where it is damaged
std::string known_good_copy(const config::Config& config, const std::string& object,
                            const Wanted& wanted, const std::string& but);

/// Carries what is damaged in staging to the marks of its sets, which retention goes by. Those of
/// sets that are whole again are for `verify` to remove. Throws Error{staging}.
void mark_sets(const config::Config& config, const Damage& damage, const std::string& object);

}  // namespace mastobak::scrub
