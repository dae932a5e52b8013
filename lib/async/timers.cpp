// SPDX-License-Identifier: GPL-3.0-or-later
#include "async/timers.hpp"

#include <sys/timerfd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <memory>

#include "core/error.hpp"
#include "core/unique_fd.hpp"

namespace mastobak::async {

Task<> wait_for(std::chrono::nanoseconds duration) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    timer.expires_after(std::chrono::duration_cast<asio::steady_timer::duration>(duration));
    co_await timer.async_wait(asio::use_awaitable);
}

Task<WallClock> wait_until(Timestamp time) {
    UniqueFd fd(::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
    if (!fd) throw errno_error(Errc::internal, "make a timerfd", errno);
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    itimerspec spec{};
    spec.it_value.tv_sec = whole.time_since_epoch().count();
    spec.it_value.tv_nsec = static_cast<long>((time - whole).count());
    // Zero would disarm it; a negative time is invalid. Both are long past.
    if (spec.it_value.tv_sec <= 0) spec.it_value = {0, 1};
    if (::timerfd_settime(fd.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &spec, nullptr) !=
        0)
        throw errno_error(Errc::internal, "set a timerfd", errno);
    asio::posix::stream_descriptor timer(co_await asio::this_coro::executor, fd.release());
    for (;;) {
        co_await timer.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
        std::uint64_t expirations = 0;
        const auto n = ::read(timer.native_handle(), &expirations, sizeof expirations);
        if (n > 0) co_return WallClock::reached;
        if (errno == ECANCELED) co_return WallClock::set;
        if (errno != EAGAIN && errno != EINTR)
            throw errno_error(Errc::internal, "read a timerfd", errno);
    }
}

namespace {

/// What a deadline and its task share.
struct Race {
    explicit Race(const asio::any_io_executor& loop) : ended(loop) {}
    asio::cancellation_signal cancel;
    std::exception_ptr failure;
    bool done = false;
    asio::steady_timer ended;  ///< cancelled when the task is done: a condition variable
};

}  // namespace

Task<bool> with_deadline(std::chrono::nanoseconds limit, Task<> task) {
    const auto loop = co_await asio::this_coro::executor;
    auto race = std::make_shared<Race>(loop);
    auto finish = [race](std::exception_ptr failure) {
        race->failure = failure;
        race->done = true;
        race->ended.cancel();
    };
    asio::co_spawn(loop, std::move(task),
                   asio::bind_cancellation_slot(race->cancel.slot(), finish));

    const auto ignoring_errors = asio::as_tuple(asio::use_awaitable);
    const bool throwing = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    race->ended.expires_after(std::chrono::duration_cast<asio::steady_timer::duration>(limit));
    if (!race->done) co_await race->ended.async_wait(ignoring_errors);
    const auto outer = co_await asio::this_coro::cancellation_state;
    const bool cancelled = outer.cancelled() != asio::cancellation_type::none;
    const bool late = !race->done && !cancelled;
    if (!race->done) {
        race->cancel.emit(asio::cancellation_type::terminal);
        // Its cleanup takes as long as it takes; nothing it refers to may go away before.
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        race->ended.expires_at(asio::steady_timer::time_point::max());
        if (!race->done) co_await race->ended.async_wait(ignoring_errors);
    }
    // Both belong to the whole coroutine, and so to our caller.
    co_await asio::this_coro::throw_if_cancelled(throwing);
    if (cancelled) throw Error(Errc::cancelled, "cancelled");
    if (late)
        co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    if (race->failure && !late) std::rethrow_exception(race->failure);
    co_return !late;
}

}  // namespace mastobak::async
