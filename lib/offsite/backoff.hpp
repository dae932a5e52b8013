// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

namespace mastobak::offsite {

/// The delays between the attempts of a failing upload.
struct Backoff {
    std::chrono::seconds first{30};
    std::chrono::seconds longest{3600};
    double factor = 2;
    /// Returns the delay before the next attempt.
    /// \param attempts number of failed attempts so far, at least 1
    std::chrono::seconds after(int attempts) const;
};

}  // namespace mastobak::offsite
