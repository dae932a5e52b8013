// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "store/staging.hpp"

/// Removes sets and packs from a staging directory that are not needed any more.
namespace mastobak::store {

/// What was removed, or what a dry run would remove.
struct Pruned {
    std::vector<std::string> sets;
    std::vector<std::string> packs;
    Bytes freed;
    std::vector<std::string> warnings;  ///< why something was not removed
};

/// Removes sets, and then the packs that no set refers to any more. The caller has to hold lock().
///
/// A set is moved from sets/ to partial/ by one rename and deleted there, so that after a crash it
/// is either complete or not a set. The next call, or the next run, removes what is left in
/// partial/ and media/. As long as a manifest cannot be read, no pack is removed, because that set
/// may need it. A set that has been pinned in the meantime stays.
/// \param going   sets to remove, from a RetentionPlan
/// \param dry_run only compute what would be removed
/// Throws Error{staging}, Error{cancelled}.
Pruned prune(const Staging& staging, const std::vector<std::string>& going, bool dry_run,
             std::stop_token stop);

/// Returns the packs in media/ and away/ and the bases in database/ that no remaining set needs. One
/// whose own set remains stays, even if that set's manifest does not name it.
/// \param going sets that are treated as removed
/// Throws Error{corrupt} when the manifest of a remaining set cannot be read, Error{staging}.
std::vector<std::string> unneeded_packs(const Staging& staging, const std::set<std::string>& going);

/// Removes a pack from media/ and away/, or a base from database/. Throws Error{staging}.
void remove_pack(const Staging& staging, const std::string& pack);

/// Fsyncs media/ and database/, so that removals survive a power cut. Throws Error{staging}.
void sync_shared(const Staging& staging);

}  // namespace mastobak::store
