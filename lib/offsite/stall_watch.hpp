// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "offsite/remote.hpp"

namespace mastobak::offsite {

/// Passes the progress of an upload on, and ends one that no longer makes any: rclone's and
/// rsync's own time-outs look at single reads, and a throttled connection outlives them.
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
