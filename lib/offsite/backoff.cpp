// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/backoff.hpp"

#include <algorithm>
#include <cmath>

#include "offsite/worker.hpp"

namespace mastobak::offsite {

std::chrono::seconds Backoff::after(int attempts) const {
    const auto wait =
        static_cast<double>(first.count()) * std::pow(factor, std::max(attempts, 1) - 1);
    // Compared as floating point, because after many attempts the value exceeds any integer type.
    if (!(wait < static_cast<double>(longest.count()))) return longest;
    return std::chrono::seconds(std::llround(wait));
}

}  // namespace mastobak::offsite
