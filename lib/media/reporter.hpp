// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>

#include "media/backup_tree.hpp"
#include "media/tree_options.hpp"

namespace mastobak::media {

/// Passes the progress on to a callback, at most every 100 ms.
class Reporter {
 public:
    explicit Reporter(const std::function<void(const TreeProgress&)>& report) : report_(report) {}
    void operator()(const TreeProgress& progress) {
        const auto now = std::chrono::steady_clock::now();
        if (!report_ || now < next_) return;
        next_ = now + interval;
        report_(progress);
    }

 private:
    static constexpr auto interval = std::chrono::milliseconds(100);
    const std::function<void(const TreeProgress&)>& report_;
    std::chrono::steady_clock::time_point next_;
};

}  // namespace mastobak::media
