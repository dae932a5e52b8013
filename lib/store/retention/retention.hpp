// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "core/clock.hpp"

/// Which sets are kept and which go: pure functions, for staging and for every remote.
namespace mastobak::store {

/// `retention:` of the configuration.
struct RetentionPolicy {
    int daily = 7;  ///< the newest set of each of this many last days that have one
    int weekly = 4;
    int monthly = 6;
    int yearly = 0;
    int minimum = 3;                      ///< newest good sets, whatever the clock says
    std::chrono::seconds keep_within{0};  ///< all sets that are younger
};

/// A published set of one place, as far as retention has to know it.
struct Candidate {
    std::string name;       ///< which tells its time
    std::string damage;     ///< what is known to be wrong with it; empty: it is good
    bool pinned = false;    ///< by `mastobak keep`
    std::string awaited;    ///< what it has to wait for, "its copy to 'b2'"; empty: nothing
    std::string foreign{};  ///< why it is not known to be ours; empty: we signed it
};

/// What becomes of a set.
struct Decision {
    std::string set;
    bool kept = true;
    std::string why;  ///< "daily 3 of 7, weekly 1 of 4"; of one that goes: what newer sets fill
};

struct RetentionPlan {
    std::vector<Decision> decisions;    ///< of all sets, oldest first
    std::vector<std::string> warnings;  ///< one line each: damaged sets, and those of the future

    std::vector<std::string> kept() const;
    std::vector<std::string> to_remove() const;
};

/// The day that the clock on the wall showed at an instant.
using LocalDay = std::function<std::chrono::local_days(Timestamp)>;

/// Decides for each set, with the semantics of `restic forget`: each rule takes the newest good set
/// of each of the last days (ISO weeks, months, years) that have one, as many as it says, whatever
/// the other rules take; a set goes when nothing keeps it.
///
/// Good sets alone count. The newest of them and the `minimum` newest stay. A damaged set stays
/// until a person has looked at it, and so does one that is dated in the future (more than a
/// minute, since clocks are corrected): neither takes the place of another. Nor does a set that is
/// not known to be ours: it stays, and one warning names all of them.
/// \param now matters for `keep_within` and for what is the future, and for nothing else: a clock
///        that is wrong removes nothing that a right one would not
RetentionPlan plan_retention(std::vector<Candidate> sets, const RetentionPolicy& policy,
                             Timestamp now, const LocalDay& local_day);

}  // namespace mastobak::store
