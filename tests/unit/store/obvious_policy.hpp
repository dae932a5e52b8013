// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <string>
#include <vector>

#include "store/retention/retention.hpp"

namespace mastobak::test {

/// What is kept, by the definition of the policy and with no thought of speed: periods are named as
/// date(1) names them in the zone of TZ, each period's newest good set is looked for among all
/// sets, and the last so many periods are taken. A second opinion on plan_retention().
std::set<std::string> obviously_kept(const std::vector<store::Candidate>& sets,
                                     const store::RetentionPolicy& policy, Timestamp now);

}  // namespace mastobak::test
