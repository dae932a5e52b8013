// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/text.hpp"

namespace mastobak::media {

/// Collects warnings from several threads: counts all of them and keeps the first 100. File names
/// in a warning may have any bytes, so each text is passed through readable().
class Warnings {
 public:
    void add(std::string_view text) {
        const std::lock_guard lock(mutex_);
        if (++count_ <= kept) texts_.push_back(readable(text));
    }
    std::vector<std::string> texts() const {
        const std::lock_guard lock(mutex_);
        return texts_;
    }
    std::uint64_t count() const {
        const std::lock_guard lock(mutex_);
        return count_;
    }

 private:
    static constexpr std::uint64_t kept = 100;
    mutable std::mutex mutex_;
    std::vector<std::string> texts_;
    std::uint64_t count_ = 0;
};

}  // namespace mastobak::media
