// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "async/task.hpp"

namespace mastobak::async {

/// Runs a task to its end on a loop: for tests, and for commands that have no loop of their own.
/// Throws the exceptions of the task.
inline void run_sync(asio::io_context& loop, Task<> task) {
    std::exception_ptr failure;
    asio::co_spawn(loop, std::move(task), [&failure](std::exception_ptr e) { failure = e; });
    loop.restart();
    loop.run();
    if (failure) std::rethrow_exception(failure);
}

template <typename T>
T run_sync(asio::io_context& loop, Task<T> task) {
    std::exception_ptr failure;
    std::optional<T> result;
    asio::co_spawn(loop, std::move(task), [&](std::exception_ptr e, T value) {
        failure = e;
        if (!e) result.emplace(std::move(value));
    });
    loop.restart();
    loop.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
}

template <typename T = void>
auto run_sync(Task<T> task) {
    asio::io_context loop(1);
    return run_sync(loop, std::move(task));
}

}  // namespace mastobak::async
