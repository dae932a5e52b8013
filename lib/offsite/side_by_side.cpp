// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/side_by_side.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>

#include "core/error.hpp"

namespace mastobak::offsite {
namespace asio = boost::asio;

namespace {

/// What the waiting coroutine and its tasks share.
struct Group {
    explicit Group(const asio::any_io_executor& loop) : changed(loop) {}

    void cancel() {
        for (auto& signal : signals) signal.emit(asio::cancellation_type::terminal);
    }

    std::deque<asio::cancellation_signal> signals;
    std::size_t running = 0;
    std::exception_ptr failure;  ///< the first one
    asio::steady_timer changed;  ///< cancelled when a task ends: a condition variable
};

}  // namespace

async::Task<> side_by_side(std::vector<async::Task<>> tasks) {
    const auto loop = co_await asio::this_coro::executor;
    auto group = std::make_shared<Group>(loop);
    group->running = tasks.size();
    for (auto& task : tasks) {
        auto& signal = group->signals.emplace_back();
        auto ended = [group](std::exception_ptr failure) {
            --group->running;
            if (failure && !group->failure) group->failure = failure;
            group->changed.cancel();
        };
        asio::co_spawn(loop, std::move(task), asio::bind_cancellation_slot(signal.slot(), ended));
    }

    const auto ignoring_errors = asio::as_tuple(asio::use_awaitable);
    const bool throwing = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    bool cancelled = false;
    bool told = false;
    while (group->running > 0) {
        if (!told && (cancelled || group->failure)) {
            told = true;
            // Their ends are awaited whatever else happens to us: they use what we own.
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
            group->cancel();
            continue;
        }
        group->changed.expires_at(asio::steady_timer::time_point::max());
        co_await group->changed.async_wait(ignoring_errors);
        const auto state = co_await asio::this_coro::cancellation_state;
        cancelled = cancelled || state.cancelled() != asio::cancellation_type::none;
    }
    // It belongs to the whole coroutine, and so to our caller.
    co_await asio::this_coro::throw_if_cancelled(throwing);
    if (cancelled) throw Error(Errc::cancelled, "cancelled");
    if (group->failure) std::rethrow_exception(group->failure);
}

}  // namespace mastobak::offsite
