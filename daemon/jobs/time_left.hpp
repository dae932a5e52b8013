// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>

namespace mastobak::daemon {

/// Estimates the time left in a step from its average rate since the first call.
class TimeLeft {
 public:
    using Time = std::chrono::steady_clock::time_point;

    /// \param fraction progress of the step, 0 to 1; negative when not known
    /// \return nullopt during the first second and the first 2 % of the step, when an estimate
    ///        would be unreliable
    std::optional<std::chrono::seconds> after(double fraction, Time now) {
        using Seconds = std::chrono::duration<double>;
        if (fraction < 0 || fraction > 1) return std::nullopt;
        if (!began_ || fraction < first_) {
            began_ = now;
            first_ = fraction;
        }
        const Seconds so_far = now - *began_;
        const double done = fraction - first_;
        if (so_far < std::chrono::seconds(1) || done < 0.02) return std::nullopt;
        return std::chrono::ceil<std::chrono::seconds>(so_far * ((1 - fraction) / done));
    }

 private:
    std::optional<Time> began_;
    double first_ = 0;
};

}  // namespace mastobak::daemon
