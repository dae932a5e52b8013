// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/buffer_pool.hpp"

#include "core/error.hpp"

namespace mastobak::media {

BufferPool::BufferPool(std::size_t buffers, std::size_t buffer_size)
    : buffer_size_(buffer_size),
      memory_(std::make_unique_for_overwrite<std::byte[]>(buffers * buffer_size)) {
    for (std::size_t i = buffers; i-- > 0;) free_.push_back(memory_.get() + i * buffer_size);
}

BufferPool::Buffer BufferPool::take(const void* who) {
    std::unique_lock lock(mutex_);
    changed_.wait(
        lock, [&] { return closed_ || free_.size() > 1 || (free_.size() == 1 && first_ == who); });
    if (closed_) throw Error(Errc::cancelled, "cancelled");
    auto* memory = free_.back();
    free_.pop_back();
    return {*this, memory};
}

void BufferPool::set_first(const void* who) {
    {
        const std::lock_guard lock(mutex_);
        if (first_ == who) return;
        first_ = who;
        if (free_.size() != 1) return;
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
    bool last_one = false;
    {
        const std::lock_guard lock(mutex_);
        free_.push_back(memory);
        last_one = free_.size() == 1;
    }
    // The last one is for one of those who wait: all have to look who that is.
    if (last_one)
        changed_.notify_all();
    else
        changed_.notify_one();
}

}  // namespace mastobak::media
