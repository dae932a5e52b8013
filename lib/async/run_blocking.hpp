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

/// Work for the thread pool. It has to poll the token often, for example once for each block, and
/// to throw Error{cancelled} on a stop request.
using BlockingWork = std::function<void(std::stop_token)>;

/// Runs the work in the thread pool while the loop continues. The work must not share data with the
/// loop, so it gets its data by value.
///
/// Throws the exceptions of the work.
/// Cancel: requests a stop and waits for the end of the work, so that objects which it refers to
/// stay valid. Then throws the exception of the work, or Error{cancelled}.
Task<> run_blocking(asio::thread_pool& pool, BlockingWork work);

/// Does the same for work with a result.
template <typename Work, typename Result = std::invoke_result_t<Work, std::stop_token>>
requires(!std::is_void_v<Result>) Task<Result> run_blocking(asio::thread_pool& pool, Work work) {
    std::optional<Result> result;
    // A named variable: GCC 12 frees the captures of a temporary inside a co_await twice.
    BlockingWork store = [&result, work = std::move(work)](std::stop_token stop) mutable {
        result.emplace(work(std::move(stop)));
    };
    co_await run_blocking(pool, std::move(store));
    co_return std::move(*result);
}

}  // namespace mastobak::async
