// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

namespace mastobak::offsite {

/// How a failure is waited out.
struct Backoff {
    std::chrono::seconds first{30};
    std::chrono::seconds longest{3600};
    double factor = 2;
    /// \param attempts that have failed so far, at least one
    std::chrono::seconds after(int attempts) const;
};

}  // namespace mastobak::offsite
