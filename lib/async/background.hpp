// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <exception>
#include <memory>

#include "async/task.hpp"

namespace mastobak::async {

/// A task that goes on beside the one that started it, on the same loop.
///
/// What the task refers to has to outlive it: wait for its end() before that goes away. The object
/// itself may go away earlier.
class Background {
 public:
    Background(const asio::any_io_executor& loop, Task<> task);

    /// Waits for its end, at most so long.
    /// \return whether it has ended
    /// Cancel: throws Error{cancelled} at once; the task goes on.
    Task<bool> ends_within(std::chrono::nanoseconds limit);
    /// Asks it to end. No effect on one that has ended.
    void cancel();
    /// Waits for its end, however long that takes. To be called with cancellation disabled: a wait
    /// that is cancelled would not wait.
    Task<> end();
    /// What it has thrown, once it has ended; null: nothing.
    std::exception_ptr failure() const;

 private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace mastobak::async
