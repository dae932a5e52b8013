// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "core/bytes.hpp"

namespace mastobak::offsite {

/// Reads rclone's standard error with --use-json-log: the statistics and the reason of a failure.
/// Even with that option, rclone's last lines can be plain text.
class RcloneLog {
 public:
    /// \param on_sent called with the bytes sent so far, once a second
    explicit RcloneLog(std::function<void(Bytes)> on_sent = {}) : on_sent_(std::move(on_sent)) {}

    void take(std::string_view line);
    /// Returns why rclone failed, on one line; empty when rclone gave no reason.
    std::string failure() const;

 private:
    std::function<void(Bytes)> on_sent_;
    std::string first_error_;
    std::string last_error_;
    std::string last_words_;
};

}  // namespace mastobak::offsite
