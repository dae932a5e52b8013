// SPDX-License-Identifier: GPL-3.0-or-later
#include "restore/estimate.hpp"

#include <algorithm>
#include <cmath>

#include "restore/tree/restore_media.hpp"

namespace mastobak::restore {
namespace {

constexpr double estimate_threads = restore_threads;
constexpr double longest_estimate = 1e17;  // three years, in nanoseconds

double size_number(Bytes bytes) {
    return static_cast<double>(bytes.count);
}

std::chrono::nanoseconds clamped_time(double nanoseconds) {
    if (!std::isfinite(nanoseconds)) return std::chrono::nanoseconds(0);
    return std::chrono::nanoseconds(
        static_cast<std::int64_t>(std::clamp(nanoseconds, 0.0, longest_estimate)));
}

}  // namespace

void TimeFit::add(Bytes size, std::chrono::nanoseconds took) {
    const auto bytes = size_number(size);
    ++count_;
    took_ += took.count();
    size_ += bytes;
    size_size_ += bytes * bytes;
    size_took_ += bytes * static_cast<double>(took.count());
}

TimeFit& TimeFit::operator+=(const TimeFit& other) {
    count_ += other.count_;
    took_ += other.took_;
    size_ += other.size_;
    size_size_ += other.size_size_;
    size_took_ += other.size_took_;
    return *this;
}

double TimeFit::per_byte() const {
    const auto n = static_cast<double>(count_);
    const auto took = static_cast<double>(took_);
    const auto spread = n * size_size_ - size_ * size_;
    if (count_ == 0 || size_ <= 0) return 0;
    // All pieces have the same size, so the two rates cannot be told apart. All of the time counts
    // for each piece, because the sizes to come are the same.
    if (spread <= 1e-9 * n * size_size_) return 0;
    // The time for each piece cannot be negative, which limits the time for each byte.
    return std::clamp((n * size_took_ - size_ * took) / spread, 0.0, std::max(0.0, took / size_));
}

double TimeFit::each() const {
    if (count_ == 0) return 0;
    const auto rest = static_cast<double>(took_) - per_byte() * size_;
    return std::max(0.0, rest / static_cast<double>(count_));
}

RestoreEstimate estimate(const RestoreRates& rates, const RestoreAmounts& amounts) {
    RestoreEstimate estimate;
    // The threads' requests wait at the same time, but share the bandwidth.
    const auto waiting = static_cast<double>(amounts.requests) * rates.request / estimate_threads;
    estimate.fetch = clamped_time(waiting + size_number(amounts.fetched) * rates.fetched_byte);
    estimate.database = clamped_time(size_number(amounts.dump) * rates.dump_byte);
    const auto of_threads = static_cast<double>(amounts.files) * rates.file +
                            size_number(amounts.media) * rates.media_byte;
    estimate.media = clamped_time(of_threads / estimate_threads +
                                  size_number(amounts.media) * rates.written_byte);
    return estimate;
}

}  // namespace mastobak::restore
