// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <utility>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "offsite/remote.hpp"

namespace mastobak::offsite {

/// How long a transfer may make no progress.
constexpr std::chrono::minutes longest_stall{30};

/// Forwards the progress of a transfer, and ends one that advances by less than 1 MiB within the
/// limit. The time-outs of rclone and rsync apply to single reads, so neither a throttled
/// connection nor a server that sends one byte a minute triggers them.
class StallWatch {
 public:
    explicit StallWatch(UploadProgress progress, std::chrono::seconds limit = longest_stall)
        : progress_(std::move(progress)), limit_(limit) {}

    /// \param bytes number of bytes transferred so far
    /// Throws Error{offsite} when the number has not grown by 1 MiB for too long.
    void sent(Bytes bytes);

 private:
    UploadProgress progress_;
    std::chrono::seconds limit_;
    Bytes last_;
    Bytes mark_;  ///< the number at `since_`
    std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

}  // namespace mastobak::offsite
