// SPDX-License-Identifier: GPL-3.0-or-later
#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <ctime>
#include <thread>

#include "async/job.hpp"
#include "async/run_blocking.hpp"
#include "async/run_sync.hpp"
#include "async/timers.hpp"
#include "core/error.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

// Polls the token, like all blocking work.
void until_stopped(const std::stop_token& stop) {
    while (!stop.stop_requested()) std::this_thread::yield();
    throw Error(Errc::cancelled, "stopped");
}

async::Task<> blocked(asio::thread_pool& pool, std::atomic<bool>& ended) {
    async::BlockingWork work = [&ended](std::stop_token stop) {
        try {
            until_stopped(stop);
        } catch (...) {
            ended = true;
            throw;
        }
    };
    co_await async::run_blocking(pool, std::move(work));
}

async::Task<int> product(asio::thread_pool& pool) {
    auto work = [](std::stop_token) { return 6 * 7; };
    co_return co_await async::run_blocking(pool, work);
}

async::Task<> failing(asio::thread_pool& pool) {
    async::BlockingWork work = [](std::stop_token) { throw Error(Errc::database, "no"); };
    co_await async::run_blocking(pool, std::move(work));
}

async::Task<> deadline_of(std::chrono::milliseconds limit, async::Task<> task, bool& in_time) {
    in_time = co_await async::with_deadline(limit, std::move(task));
}

async::Task<> cleaning_up(bool& cleaned) {
    std::exception_ptr failure;
    try {
        co_await async::wait_for(1h);
    } catch (...) {
        failure = std::current_exception();
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await async::wait_for(1ms);
    cleaned = true;
    std::rethrow_exception(failure);
}

async::Task<> leave_and_return(bool& cleaned) {
    const auto loop = co_await asio::this_coro::executor;
    async::Job<> work(loop, cleaning_up(cleaned));
    const bool ended = co_await work.ends_within(1ms);
    CHECK_FALSE(ended);
    CHECK_FALSE(cleaned);
    work.cancel();
    const bool ended_now = co_await work.ends_within(10s);
    CHECK(ended_now);
    CHECK(work.failure());
    co_await work.end();  // at once
}

}  // namespace

TEST_CASE("blocking work gives its result to the loop") {
    asio::thread_pool pool(1);
    CHECK(async::run_sync(product(pool)) == 42);
}

TEST_CASE("what blocking work throws arrives in the loop") {
    asio::thread_pool pool(1);
    CHECK_THROWS_AS(async::run_sync(failing(pool)), Error);
}

TEST_CASE("cancelled blocking work is waited for") {
    asio::thread_pool pool(1);
    asio::io_context loop(1);
    asio::cancellation_signal cancel;
    std::atomic<bool> ended = false;
    std::exception_ptr failure;
    asio::co_spawn(loop, blocked(pool, ended),
                   asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr e) {
                       CHECK(ended);
                       failure = e;
                   }));
    asio::post(loop, [&] { cancel.emit(asio::cancellation_type::terminal); });
    loop.run();
    REQUIRE(failure);
    CHECK(as_error(failure).code() == Errc::cancelled);
}

TEST_CASE("a task that ends in time passes its deadline") {
    bool in_time = false;
    async::run_sync(deadline_of(10s, async::wait_for(1ms), in_time));
    CHECK(in_time);
}

TEST_CASE("a task past its deadline is cancelled and cleans up") {
    bool in_time = true;
    bool cleaned = false;
    async::run_sync(deadline_of(5ms, cleaning_up(cleaned), in_time));
    CHECK_FALSE(in_time);
    CHECK(cleaned);
}

TEST_CASE("a cancelled deadline cancels its task and waits for its clean-up") {
    asio::io_context loop(1);
    asio::cancellation_signal cancel;
    bool in_time = false;
    bool cleaned = false;
    std::exception_ptr failure;
    asio::co_spawn(
        loop, deadline_of(1h, cleaning_up(cleaned), in_time),
        asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr e) { failure = e; }));
    asio::post(loop, [&] { cancel.emit(asio::cancellation_type::terminal); });
    loop.run();
    CHECK(cleaned);
    REQUIRE(failure);
    CHECK(as_error(failure).code() == Errc::cancelled);
}

TEST_CASE("a task in the background is waited for as long as one likes") {
    bool cleaned = false;
    async::run_sync(leave_and_return(cleaned));
    CHECK(cleaned);
}

TEST_CASE("a wait by the wall clock ends at its time, and at once for one that is past") {
    const auto begin = std::chrono::system_clock::now();
    const auto ended = async::run_sync(async::wait_until(begin + 20ms));
    CHECK(ended == async::WallClock::reached);
    CHECK(std::chrono::system_clock::now() >= begin + 20ms);
    CHECK(async::run_sync(async::wait_until(begin - 24h)) == async::WallClock::reached);
    CHECK(async::run_sync(async::wait_until(Timestamp{})) == async::WallClock::reached);
}

TEST_CASE("a wait by the wall clock ends when somebody sets the clock") {
    // Sets the clock to its own time, which disturbs no other process, but wakes all that wait for
    // it.
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    if (::clock_settime(CLOCK_REALTIME, &now) != 0) return;  // a container may forbid it
    std::jthread admin([](std::stop_token over) {
        while (!over.stop_requested()) {
            timespec shown{};
            ::clock_gettime(CLOCK_REALTIME, &shown);
            ::clock_settime(CLOCK_REALTIME, &shown);
            std::this_thread::sleep_for(1ms);  // each call delays the clock by a microsecond
        }
    });
    const auto tomorrow = std::chrono::system_clock::now() + 24h;
    CHECK(async::run_sync(async::wait_until(tomorrow)) == async::WallClock::set);
}
