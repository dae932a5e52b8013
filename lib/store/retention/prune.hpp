// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/crypto/signify.hpp"
#include "store/formats/manifest.hpp"
#include "store/retention/retention.hpp"
#include "store/staging.hpp"

/// Gives back the space of a staging directory that nothing needs any more.
namespace mastobak::store {

/// What was removed, or would be.
struct Pruned {
    std::vector<std::string> sets;
    std::vector<std::string> packs;
    Bytes freed;
    std::vector<std::string> warnings;  ///< why something was not removed
};

/// Removes sets, and then the packs that no set refers to any more. Only for who holds the lock().
///
/// A set leaves sets/ by one rename, to partial/, and is deleted there: after a crash it is whole
/// or not a set at all. What it leaves in partial/ and media/ goes with the next call, or run.
/// While one manifest cannot be read no pack is removed: that set may need it. A set that has been
/// pinned in the meantime stays.
/// \param going   those of a RetentionPlan
/// \param dry_run look only
/// Throws Error{staging}, Error{cancelled}.
Pruned prune(const Staging& staging, const std::vector<std::string>& going, bool dry_run,
             std::stop_token stop);

/// Packs in media/ or away/ that no set needs when some of them are gone. One that belongs to a set
/// which is there stays, whatever its manifest says.
/// \param going sets that count as gone
/// Throws Error{corrupt} when the manifest of a set that stays cannot be read, Error{staging}.
std::vector<std::string> unneeded_packs(const Staging& staging, const std::set<std::string>& going);

/// Removes a pack that nothing needs, here: from media/ and away/. Throws Error{staging}.
void remove_pack(const Staging& staging, const std::string& pack);

}  // namespace mastobak::store
