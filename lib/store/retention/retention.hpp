// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "store/formats/manifest.hpp"

/// Decides which sets are kept, which are removed, and which packs are repacked. Pure functions,
/// for staging and for every remote.
namespace mastobak::store {

/// The configuration's `retention:`.
struct RetentionPolicy {
    /// How many of the most recent days that have a set keep their newest one; the next three
    /// likewise.
    int daily = 7;
    int weekly = 4;
    int monthly = 6;
    int yearly = 0;
    /// How many of the newest good sets are kept, independent of the clock.
    int minimum = 3;
    /// All good sets are kept that are less than this older than the newest one.
    std::chrono::seconds keep_within{0};
};

/// What retention knows about a published set of one place.
struct Candidate {
    std::string name;       ///< the start of its run
    std::string damage;     ///< what is known to be wrong with it; empty: it is good
    bool pinned = false;    ///< pinned by `mastobak keep`
    std::string awaited;    ///< what it has to wait for, "its copy to 'b2'"; empty: nothing
    std::string foreign{};  ///< why it is not known to be our own; empty: we signed it
};

/// Whether a set is kept, and why.
struct Decision {
    std::string set;
    bool kept = true;
    /// "daily 3 of 7, weekly 1 of 4"; for a removed set, the rules that newer sets fill.
    std::string why;
};

/// The decisions about all sets of a place.
struct RetentionPlan {
    std::vector<Decision> decisions;  ///< about all sets, oldest first
    /// About damaged and foreign sets, and sets that are dated in the future; one line each.
    std::vector<std::string> warnings;

    std::vector<std::string> to_remove() const;
};

/// Returns the local date at an instant.
using LocalDay = std::function<std::chrono::local_days(Timestamp)>;

/// Decides for each set, with the semantics of `restic forget`: each rule keeps the newest good set
/// of each of the most recent days (ISO weeks, months, years) that have one, as many as its number
/// says, independently of the other rules. A set is removed when no rule keeps it.
///
/// Only good sets count. The newest good set and the `minimum` newest good sets stay. A damaged set
/// stays until an admin removes it, and so does a set that is dated in the future (by more than a
/// minute, because clocks are corrected); neither counts for a rule. A set that is not known to be
/// our own stays and does not count either; one warning names all such sets.
/// \param now is used only to find sets that are dated in the future
RetentionPlan plan_retention(std::vector<Candidate> sets, const RetentionPolicy& policy,
                             Timestamp now, const LocalDay& local_day);

/// How much one night may repack.
struct RepackLimits {
    /// A pack of which the newest set needs less than this many percent is repacked; 0 turns
    /// repacking off.
    int below = 30;
    Bytes bytes;  ///< size of members
    std::uint64_t members = 0;
};

/// Returns the packs that the next run repacks: packs of which the newest set needs less than the
/// limit says and, while the bytes that no set needs are more than a third of those that any set
/// needs, further packs. Packs that the newest set needs least come first, up to the limits.
/// \param manifests manifests of all sets, oldest first
std::set<std::string> packs_to_repack(const std::vector<Manifest>& manifests,
                                      const RepackLimits& limits);

}  // namespace mastobak::store
