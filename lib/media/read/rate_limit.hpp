// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>

#include "core/bytes.hpp"

namespace mastobak::media {

/// Limits the bytes per second of all callers together. May be used from any thread.
class RateLimit {
 public:
    using Time = std::chrono::steady_clock::time_point;

    /// \param per_second nullopt: no limit
    explicit RateLimit(std::optional<Bytes> per_second) : per_second_(per_second) {}

    /// Waits until this many bytes may be read. Throws Error{cancelled} immediately after a stop
    /// request. Without a limit it returns immediately and ignores `stop`.
    void wait_for(Bytes bytes, const std::stop_token& stop);
    /// Reserves these bytes, after all earlier reservations. Unused bytes expire after a moment, so
    /// that no burst follows a pause.
    /// \return the time at which the bytes may be read; without a limit, `now`
    Time reserve(Bytes bytes, Time now);

 private:
    const std::optional<Bytes> per_second_;
    std::mutex mutex_;
    std::condition_variable_any stopped_;
    Time next_;
};

}  // namespace mastobak::media
