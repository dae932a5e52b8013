// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>

#include "core/bytes.hpp"

namespace mastobak::media {

/// Bounds how many bytes a second all who ask together may take. Any thread.
class RateLimit {
 public:
    using Time = std::chrono::steady_clock::time_point;

    /// \param per_second nothing: no limit
    explicit RateLimit(std::optional<Bytes> per_second) : per_second_(per_second) {}

    /// Waits for the turn of that many bytes. Throws Error{cancelled} at once when a stop is
    /// requested.
    void wait_for(Bytes bytes, const std::stop_token& stop);
    /// Reserves these bytes, behind all that were reserved before. What was not used is not saved
    /// up, but for a moment: after a pause there is no burst.
    /// \return when they may be taken; with no limit, now
    Time reserve(Bytes bytes, Time now);

 private:
    const std::optional<Bytes> per_second_;
    std::mutex mutex_;
    std::condition_variable_any stopped_;
    Time next_;
};

}  // namespace mastobak::media
