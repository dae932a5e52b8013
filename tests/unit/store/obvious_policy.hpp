// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <string>
#include <vector>

#include "store/retention/retention.hpp"

namespace mastobak::test {

/// Returns the sets to keep, directly by the definition of the policy, and slowly: names periods as
/// date(1) does in the time zone TZ, searches all sets for the newest good set of each period, and
/// takes the configured number of last periods. An independent check of plan_retention().
std::set<std::string> obviously_kept(const std::vector<store::Candidate>& sets,
                                     const store::RetentionPolicy& policy, Timestamp now);

}  // namespace mastobak::test
