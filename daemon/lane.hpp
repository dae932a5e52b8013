// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/io_context.hpp>
#include <exception>
#include <functional>
#include <memory>

#include "async/task.hpp"

namespace mastobak::daemon {

/// A coroutine of its own on the loop, that can be cancelled, and whose end is never overlooked.
class Lane {
 public:
    /// Called once, with what the task threw (nothing if it just ended).
    using OnEnd = std::function<void(std::exception_ptr)>;

    Lane() = default;
    Lane(boost::asio::io_context& loop, async::Task<> task, OnEnd on_end);

    /// Asks it to end. No effect on one that has ended.
    void cancel();
    bool running() const;

 private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace mastobak::daemon
