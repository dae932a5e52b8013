// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace mastobak::media {

/// A fixed number of buffers: what bounds the memory of reading ahead. Any thread.
class BufferPool {
 public:
    /// A borrowed buffer, given back by its destruction.
    class Buffer {
     public:
        Buffer(BufferPool& pool, std::byte* memory) : pool_(&pool), memory_(memory) {}
        Buffer(Buffer&& other) noexcept
            : pool_(other.pool_), memory_(std::exchange(other.memory_, nullptr)) {}
        Buffer& operator=(Buffer&& other) noexcept {
            std::swap(pool_, other.pool_);
            std::swap(memory_, other.memory_);
            return *this;
        }
        ~Buffer() {
            if (memory_) pool_->give_back(memory_);
        }
        std::span<std::byte> span() const { return {memory_, pool_->buffer_size_}; }

     private:
        BufferPool* pool_;
        std::byte* memory_;
    };

    BufferPool(std::size_t buffers, std::size_t buffer_size);
    std::size_t buffer_size() const { return buffer_size_; }

    /// Waits for a buffer. The last free one is only for the first in line, so that the thread that
    /// others wait for never waits for those that come later.
    /// \param turn of the caller: a number that is never used twice
    /// Throws Error{cancelled} once the pool is closed.
    Buffer take(std::uint64_t turn);
    /// Says whose turn it is now; at the beginning, that of number 0.
    void set_first(std::uint64_t turn);
    /// Ends all waits.
    void close();

 private:
    void give_back(std::byte* memory);
    bool may_take(std::uint64_t turn) const;
    bool is_waiting(std::uint64_t turn) const;

    const std::size_t buffer_size_;
    const std::size_t resume_at_;  ///< as soon as this many are free
    const std::unique_ptr<std::byte[]> memory_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::byte*> free_;  ///< the last used first: it is still in the processor's cache
    std::vector<std::uint64_t> waiting_;
    std::uint64_t first_ = 0;
    bool filling_ = true;  ///< false from empty until a part is free again: few, long wake-ups
    bool closed_ = false;
};

}  // namespace mastobak::media
