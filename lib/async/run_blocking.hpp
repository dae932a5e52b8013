// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

#include "async/task.hpp"

namespace mastobak::async {

/// Work for the pool; it polls the token, say once a block, and throws Error{cancelled}.
using BlockingWork = std::function<void(std::stop_token)>;

/// Runs the work on the pool while the loop continues. Takes its data by value: it must not share
/// anything with the loop.
///
/// Throws what the work throws.
/// Cancel: requests a stop, then still waits for the end of the work (so nothing it refers to goes
/// away under it), then throws what the work threw, or Error{cancelled}.
Task<> run_blocking(asio::thread_pool& pool, BlockingWork work);

/// The same for work that returns something.
template <typename Work, typename Result = std::invoke_result_t<Work, std::stop_token>>
requires(!std::is_void_v<Result>) Task<Result> run_blocking(asio::thread_pool& pool, Work work) {
    std::optional<Result> result;
    // Named, not a temporary in the co_await: GCC 12 frees its captures twice.
    BlockingWork store = [&result, work = std::move(work)](std::stop_token stop) mutable {
        result.emplace(work(std::move(stop)));
    };
    co_await run_blocking(pool, std::move(store));
    co_return std::move(*result);
}

}  // namespace mastobak::async
