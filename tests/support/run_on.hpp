// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>

#include "async/task.hpp"

namespace mastobak::test {

/// Runs a loop until the condition holds, for at most a minute.
/// \return whether the condition held
inline bool turn_until(boost::asio::io_context& loop, const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    if (loop.stopped()) loop.restart();
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        loop.run_one_for(std::chrono::milliseconds(100));
        if (loop.stopped()) loop.restart();
    }
    return true;
}

/// Runs a task to its end on a loop that has other work, too (async::run_sync would wait for the
/// end of all work). Throws what the task throws.
inline void run_on(boost::asio::io_context& loop, async::Task<> task) {
    bool ended = false;
    std::exception_ptr failure;
    boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr e) {
        failure = e;
        ended = true;
    });
    if (loop.stopped()) loop.restart();
    while (!ended) loop.run_one();
    if (failure) std::rethrow_exception(failure);
}

template <typename T>
T run_on(boost::asio::io_context& loop, async::Task<T> task) {
    bool ended = false;
    std::exception_ptr failure;
    std::optional<T> result;
    boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr e, T value) {
        failure = e;
        if (!e) result.emplace(std::move(value));
        ended = true;
    });
    if (loop.stopped()) loop.restart();
    while (!ended) loop.run_one();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
}

}  // namespace mastobak::test
