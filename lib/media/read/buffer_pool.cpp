// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/read/buffer_pool.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace mastobak::media {

BufferPool::BufferPool(std::size_t buffers, std::size_t buffer_size)
    : buffer_size_(buffer_size),
      resume_at_(buffers / 4 + 2),
      memory_(std::make_unique_for_overwrite<std::byte[]>(buffers * buffer_size)) {
    for (std::size_t i = buffers; i-- > 0;) free_.push_back(memory_.get() + i * buffer_size);
}

bool BufferPool::may_take(std::uint64_t turn) const {
    return turn == first_ ? !free_.empty() : filling_ && free_.size() > 1;
}

bool BufferPool::is_waiting(std::uint64_t turn) const {
    return std::find(waiting_.begin(), waiting_.end(), turn) != waiting_.end();
}

BufferPool::Buffer BufferPool::take(std::uint64_t turn) {
    std::unique_lock lock(mutex_);
    if (!may_take(turn) && !closed_) {
        waiting_.push_back(turn);
        changed_.wait(lock, [&] { return closed_ || may_take(turn); });
        waiting_.erase(std::find(waiting_.begin(), waiting_.end(), turn));
    }
    if (closed_) throw Error(Errc::cancelled, "cancelled");
    auto* memory = free_.back();
    free_.pop_back();
    if (free_.size() <= 1) filling_ = false;
    return {*this, memory};
}

void BufferPool::set_first(std::uint64_t turn) {
    {
        const std::lock_guard lock(mutex_);
        if (first_ == turn) return;
        first_ = turn;
        if (!is_waiting(turn) || free_.empty()) return;
    }
    changed_.notify_all();
}

void BufferPool::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    changed_.notify_all();
}

void BufferPool::give_back(std::byte* memory) {
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        free_.push_back(memory);
        if (!filling_ && free_.size() >= resume_at_) filling_ = wake = true;
        if (is_waiting(first_)) wake = true;
    }
    if (wake) changed_.notify_all();
}

}  // namespace mastobak::media
