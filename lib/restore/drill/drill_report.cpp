// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/drill/drill_report.hpp"

#include <algorithm>

namespace mastobak::restore {

bool DrillReport::proven() const {
    return !checks.empty() && std::none_of(checks.begin(), checks.end(), [](const auto& check) {
        return check.verdict == postgres::Verdict::bad;
    });
}

}  // namespace mastobak::restore
