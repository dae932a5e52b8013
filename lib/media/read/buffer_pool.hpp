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

/// A fixed number of buffers, which bounds the memory of reading ahead. All functions may be called
/// from any thread.
class BufferPool {
 public:
    /// A buffer of the pool; its destructor returns it to the pool.
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

    /// Waits for a buffer. The last free buffer is reserved for the caller whose turn is first, so
    /// that the thread that others wait for never waits for the threads after it.
    /// \param turn the caller's place in the order, as in set_first()
    /// Throws Error{cancelled} once the pool is closed.
    Buffer take(std::uint64_t turn);
    /// Sets which turn is first; it is 0 at the beginning.
    void set_first(std::uint64_t turn);
    /// Ends all waits.
    void close();

 private:
    void give_back(std::byte* memory);
    bool may_take(std::uint64_t turn) const;
    bool is_waiting(std::uint64_t turn) const;

    const std::size_t buffer_size_;
    const std::size_t resume_at_;  ///< waiting threads continue when this many are free
    const std::unique_ptr<std::byte[]> memory_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::byte*> free_;  ///< a stack: the last used buffer is still in the CPU's cache
    std::vector<std::uint64_t> waiting_;
    std::uint64_t first_ = 0;
    bool filling_ = true;  ///< false after the pool was empty, until resume_at_: fewer wake-ups
    bool closed_ = false;
};

}  // namespace mastobak::media
