// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.hpp"

namespace mastobak::test {

/// A clock whose time a test sets.
class FakeClock final : public Clock {
 public:
    explicit FakeClock(Timestamp now = *parse_iso8601("2026-11-22T03:00:00Z")) : now_(now) {}

    Timestamp now() const override { return now_; }
    std::chrono::steady_clock::time_point steady() const override { return steady_; }

    void advance(std::chrono::nanoseconds by) {
        now_ += by;
        steady_ += std::chrono::duration_cast<std::chrono::steady_clock::duration>(by);
    }
    /// Sets the wall clock as settimeofday(2) does; the steady clock does not change.
    void set(Timestamp now) { now_ = now; }

 private:
    Timestamp now_;
    std::chrono::steady_clock::time_point steady_{};
};

}  // namespace mastobak::test
