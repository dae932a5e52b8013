// SPDX-License-Identifier: GPL-3.0-or-later
#include "async/background.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "core/error.hpp"

namespace mastobak::async {

struct Background::Shared {
    explicit Shared(const asio::any_io_executor& loop) : ended(loop) {}
    asio::cancellation_signal cancel;
    std::exception_ptr failure;
    bool done = false;
    asio::steady_timer ended;  ///< cancelled when the task is done: a condition variable
};

Background::Background(const asio::any_io_executor& loop, Task<> task)
    : shared_(std::make_shared<Shared>(loop)) {
    auto finish = [shared = shared_](std::exception_ptr failure) {
        shared->failure = failure;
        shared->done = true;
        shared->ended.cancel();
    };
    asio::co_spawn(loop, std::move(task),
                   asio::bind_cancellation_slot(shared_->cancel.slot(), std::move(finish)));
}

Task<bool> Background::ends_within(std::chrono::nanoseconds limit) {
    const auto shared = shared_;
    const auto ignoring_errors = asio::as_tuple(asio::use_awaitable);
    const bool throwing = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    shared->ended.expires_after(std::chrono::duration_cast<asio::steady_timer::duration>(limit));
    if (!shared->done) co_await shared->ended.async_wait(ignoring_errors);
    const auto outer = co_await asio::this_coro::cancellation_state;
    // It belongs to the whole coroutine, and so to our caller.
    co_await asio::this_coro::throw_if_cancelled(throwing);
    if (outer.cancelled() != asio::cancellation_type::none)
        throw Error(Errc::cancelled, "cancelled");
    co_return shared->done;
}

void Background::cancel() {
    if (!shared_->done) shared_->cancel.emit(asio::cancellation_type::terminal);
}

Task<> Background::end() {
    const auto shared = shared_;
    const auto ignoring_errors = asio::as_tuple(asio::use_awaitable);
    shared->ended.expires_at(asio::steady_timer::time_point::max());
    while (!shared->done) co_await shared->ended.async_wait(ignoring_errors);
}

std::exception_ptr Background::failure() const {
    return shared_->failure;
}

}  // namespace mastobak::async
