// SPDX-License-Identifier: GPL-3.0-or-later
#include "async/run_blocking.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <memory>
#include <utility>

#include "core/error.hpp"

namespace mastobak::async {
namespace {

/// The data that the loop and the pool share while the work runs. Only the stop source is accessed
/// by both at the same time.
struct Shared {
    std::stop_source stop;
    std::exception_ptr failure;
};

}  // namespace

Task<> run_blocking(asio::thread_pool& pool, BlockingWork work) {
    auto shared = std::make_shared<Shared>();
    auto initiate = [&pool, shared, &work](auto handler) {
        auto slot = asio::get_associated_cancellation_slot(handler);
        if (slot.is_connected())
            slot.assign([shared](asio::cancellation_type) { shared->stop.request_stop(); });
        // The handler's own loop must not end while only the pool works for it.
        auto loop = asio::prefer(asio::get_associated_executor(handler),
                                 asio::execution::outstanding_work.tracked);
        asio::post(pool, [shared, work = std::move(work), handler = std::move(handler),
                          loop = std::move(loop)]() mutable {
            try {
                work(shared->stop.get_token());
            } catch (...) {
                shared->failure = std::current_exception();
            }
            work = nullptr;  // its data is destroyed in the thread that used it
            asio::dispatch(loop,
                           [handler = std::move(handler)]() mutable { std::move(handler)(); });
        });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(initiate,
                                                                         asio::use_awaitable);
    // Moved out of `shared`, which the pool's thread may still hold, so that the exception is
    // destroyed in the loop's thread.
    if (auto failure = std::exchange(shared->failure, nullptr))
        std::rethrow_exception(std::move(failure));
    if (shared->stop.stop_requested()) throw Error(Errc::cancelled, "cancelled");
}

}  // namespace mastobak::async
