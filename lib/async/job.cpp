// SPDX-License-Identifier: GPL-3.0-or-later
#include "async/job.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/error.hpp"

namespace mastobak::async {
namespace {

using Time = asio::steady_timer::time_point;

// Makes waits return instead of throw when the coroutine is cancelled. The setting belongs to the
// whole coroutine, so also to our callers: the caller of this function restores the returned value.
Task<bool> catch_cancellation() {
    const bool throwing = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    co_return throwing;
}

/// Waits for a timer that is used as a condition variable: its cancellation wakes up the waiter.
/// Returns whether the coroutine was cancelled. Has to be called after catch_cancellation().
Task<bool> wait(asio::steady_timer& timer, Time until) {
    const auto ignoring_errors = asio::as_tuple(asio::use_awaitable);
    timer.expires_at(until);
    co_await timer.async_wait(ignoring_errors);
    const auto state = co_await asio::this_coro::cancellation_state;
    co_return state.cancelled() != asio::cancellation_type::none;
}

Time after(std::chrono::nanoseconds limit) {
    return asio::steady_timer::clock_type::now() +
           std::chrono::duration_cast<asio::steady_timer::duration>(limit);
}

}  // namespace

struct Job<void>::Shared {
    explicit Shared(const asio::any_io_executor& on) : loop(on), ended(on) {}

    asio::any_io_executor loop;
    asio::cancellation_signal cancel{};
    std::exception_ptr failure{};
    bool running = true;
    asio::steady_timer ended;  ///< cancelled when the task has ended
};

Job<void>::Job(const asio::any_io_executor& loop, Task<> task, OnEnd on_end)
    : shared_(std::make_shared<Shared>(loop)) {
    auto ended = [shared = shared_, on_end = std::move(on_end)](std::exception_ptr failure) {
        shared->failure = failure;
        shared->running = false;
        shared->ended.cancel();
        if (on_end) on_end(std::move(failure));
    };
    asio::co_spawn(loop, std::move(task),
                   asio::bind_cancellation_slot(shared_->cancel.slot(), std::move(ended)));
}

void Job<void>::cancel() {
    if (!running()) return;
    // Posted, because a job may cancel itself or another one inside a handler of either.
    asio::post(shared_->loop,
               [shared = shared_] { shared->cancel.emit(asio::cancellation_type::terminal); });
}

bool Job<void>::running() const {
    return shared_ && shared_->running;
}

Task<bool> Job<void>::ends_within(std::chrono::nanoseconds limit) const {
    const auto shared = shared_;
    if (!running()) co_return true;
    const bool throwing = co_await catch_cancellation();
    const bool cancelled = co_await wait(shared->ended, after(limit));
    co_await asio::this_coro::throw_if_cancelled(throwing);
    if (cancelled) throw Error(Errc::cancelled, "cancelled");
    co_return !shared->running;
}

Task<> Job<void>::end() const {
    const auto shared = shared_;
    const bool throwing = co_await catch_cancellation();
    while (shared && shared->running) co_await wait(shared->ended, Time::max());
    co_await asio::this_coro::throw_if_cancelled(throwing);
}

std::exception_ptr Job<void>::failure() const {
    return shared_ ? shared_->failure : nullptr;
}

void Job<void>::rethrow() const {
    if (const auto thrown = failure()) std::rethrow_exception(thrown);
}

Task<bool> ended_in_time(Job<> job, std::chrono::nanoseconds limit) {
    const bool throwing = co_await catch_cancellation();
    bool in_time = false;
    bool cancelled = false;
    try {
        in_time = co_await job.ends_within(limit);
    } catch (const Error&) {
        cancelled = true;
    }
    if (!in_time) job.cancel();
    // Without a limit, because objects that the task refers to must not be destroyed before its
    // end.
    co_await job.end();
    co_await asio::this_coro::throw_if_cancelled(throwing);
    if (cancelled) throw Error(Errc::cancelled, "cancelled");
    if (in_time) job.rethrow();
    co_return in_time;
}

Task<bool> with_deadline(std::chrono::nanoseconds limit, Task<> task) {
    Job<> job(co_await asio::this_coro::executor, std::move(task));
    co_return co_await ended_in_time(std::move(job), limit);
}

Task<> all(std::vector<Task<>> tasks) {
    struct Group {
        explicit Group(const asio::any_io_executor& loop) : changed(loop) {}
        std::size_t running = 0;
        std::exception_ptr failure{};  ///< the first one
        asio::steady_timer changed;    ///< cancelled when a task has ended
    };
    const auto loop = co_await asio::this_coro::executor;
    const auto group = std::make_shared<Group>(loop);
    group->running = tasks.size();
    std::vector<Job<>> jobs;
    for (auto& task : tasks)
        jobs.emplace_back(loop, std::move(task), [group](std::exception_ptr failure) {
            --group->running;
            if (failure && !group->failure) group->failure = std::move(failure);
            group->changed.cancel();
        });
    const bool throwing = co_await catch_cancellation();
    bool cancelled = false;
    bool ending = false;
    while (group->running > 0) {
        if (!ending && (cancelled || group->failure)) {
            ending = true;
            for (auto& job : jobs) job.cancel();
        }
        cancelled = co_await wait(group->changed, Time::max());
    }
    co_await asio::this_coro::throw_if_cancelled(throwing);
    if (cancelled) throw Error(Errc::cancelled, "cancelled");
    if (group->failure) std::rethrow_exception(group->failure);
}

}  // namespace mastobak::async
