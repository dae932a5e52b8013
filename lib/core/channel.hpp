// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

namespace mastobak {

/// A bounded queue from one thread to another. It also passes on the exception that ended the
/// sender.
template <typename T>
class Channel {
 public:
    explicit Channel(std::size_t capacity) : capacity_(capacity) {}

    /// Waits for room, then adds a value.
    /// \return false when the channel is closed: the sender has to stop
    bool push(T value) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return closed_ || values_.size() < capacity_; });
        if (closed_) return false;
        values_.push_back(std::move(value));
        lock.unlock();
        changed_.notify_all();
        return true;
    }

    /// Waits for a value and removes it. Returns nullopt after the last value of a closed channel,
    /// or rethrows the exception with which it was closed.
    std::optional<T> pop() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return closed_ || !values_.empty(); });
        if (values_.empty()) {
            if (failure_) std::rethrow_exception(failure_);
            return std::nullopt;
        }
        auto value = std::move(values_.front());
        values_.pop_front();
        lock.unlock();
        changed_.notify_all();
        return value;
    }

    /// Closes the channel; both sides may call it. The receiver can still take the queued values.
    void close(std::exception_ptr failure = nullptr) {
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
            if (failure) failure_ = std::move(failure);
        }
        changed_.notify_all();
    }

 private:
    const std::size_t capacity_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<T> values_;
    std::exception_ptr failure_;
    bool closed_ = false;
};

}  // namespace mastobak
