// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/read/rate_limit.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace mastobak::media {
namespace {

using namespace std::chrono_literals;

/// The part of a pause whose unused bytes may still be read, so that threads that wake up a little
/// late do not lower the rate.
constexpr auto moment = 50ms;

}  // namespace

RateLimit::Time RateLimit::reserve(Bytes bytes, Time now) {
    if (!per_second_) return now;
    const std::chrono::duration<double> takes(static_cast<double>(bytes.count) /
                                              static_cast<double>(per_second_->count));
    const std::lock_guard lock(mutex_);
    const auto begin = std::max(next_, now - moment);
    next_ = begin + std::chrono::duration_cast<std::chrono::steady_clock::duration>(takes);
    return std::max(begin, now);
}

void RateLimit::wait_for(Bytes bytes, const std::stop_token& stop) {
    if (!per_second_) return;
    const auto turn = reserve(bytes, std::chrono::steady_clock::now());
    std::unique_lock lock(mutex_);
    stopped_.wait_until(lock, stop, turn, [] { return false; });
    if (stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
}

}  // namespace mastobak::media
