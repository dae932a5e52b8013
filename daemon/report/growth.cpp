// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/report/growth.hpp"

#include <algorithm>
#include <chrono>

namespace mastobak::daemon::report {
namespace {

using Days = std::chrono::duration<double, std::chrono::days::period>;

constexpr Days considered{60};
constexpr Days shortest{2};
constexpr Days longest_forecast{3650};

}  // namespace

std::optional<double> growth_per_day(const Measurements& measurements, Timestamp now) {
    // Least squares. Times and sizes are relative to the last measurement, for precision.
    double n = 0, sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0, first = 0, last = 0;
    for (const auto& [at, used] : measurements) {
        const double x = Days(at - now).count();
        if (x < -considered.count()) continue;
        const auto y =
            static_cast<double>(used.count) - static_cast<double>(measurements.back().second.count);
        first = n == 0 ? x : std::min(first, x);
        last = n == 0 ? x : std::max(last, x);
        n += 1;
        sum_x += x;
        sum_y += y;
        sum_xx += x * x;
        sum_xy += x * y;
    }
    if (n < 3 || last - first < shortest.count()) return std::nullopt;
    return (n * sum_xy - sum_x * sum_y) / (n * sum_xx - sum_x * sum_x);
}

std::optional<Timestamp> full_at(double growth_per_day, Bytes free, Timestamp now) {
    if (growth_per_day <= 0) return std::nullopt;
    const Days left(static_cast<double>(free.count) / growth_per_day);
    if (left > longest_forecast) return std::nullopt;
    return now + std::chrono::duration_cast<Timestamp::duration>(left);
}

}  // namespace mastobak::daemon::report
