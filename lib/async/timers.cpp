// SPDX-License-Identifier: GPL-3.0-or-later
#include "async/timers.hpp"

#include <sys/timerfd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>

#include "core/error.hpp"
#include "core/files/unique_fd.hpp"

namespace mastobak::async {

Task<> wait_for(std::chrono::nanoseconds duration) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    timer.expires_after(std::chrono::duration_cast<asio::steady_timer::duration>(duration));
    co_await timer.async_wait(asio::use_awaitable);
}

Task<> sleep_on(asio::steady_timer& timer, std::chrono::nanoseconds duration) {
    timer.expires_after(std::chrono::duration_cast<asio::steady_timer::duration>(duration));
    const auto ignoring_errors = asio::as_tuple(asio::use_awaitable);
    co_await timer.async_wait(ignoring_errors);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        throw Error(Errc::cancelled, "cancelled");
}

Task<WallClock> wait_until(Timestamp time) {
    UniqueFd fd(::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
    if (!fd) throw errno_error(Errc::internal, "make a timerfd", errno);
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    itimerspec spec{};
    spec.it_value.tv_sec = whole.time_since_epoch().count();
    spec.it_value.tv_nsec = static_cast<long>((time - whole).count());
    // Zero would disarm the timer, and a negative time is invalid. Both are in the past.
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

}  // namespace mastobak::async
