// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "offsite/remote.hpp"

namespace mastobak::offsite {

/// Forwards the progress of an upload and ends an upload that makes no progress. The time-outs of
/// rclone and rsync apply to single reads, so a throttled connection does not trigger them.
class StallWatch {
 public:
    explicit StallWatch(const UploadProgress& progress,
                        std::chrono::seconds limit = std::chrono::minutes(30))
        : progress_(progress), limit_(limit) {}

    /// Throws Error{offsite} when the number has not grown for too long.
    void sent(Bytes bytes);

 private:
    const UploadProgress& progress_;
    std::chrono::seconds limit_;
    Bytes last_;
    std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

}  // namespace mastobak::offsite
