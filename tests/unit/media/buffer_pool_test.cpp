// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/read/buffer_pool.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "core/error.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace mastobak;
using namespace mastobak::media;
using namespace mastobak::test;

TEST_CASE("the last buffer is only for the first in line") {
    BufferPool pool(3, 16);
    pool.set_first(1);
    const auto a = pool.take(2);
    const auto b = pool.take(2);
    std::atomic<bool> second_has_one = false;
    std::jthread second([&] {
        const auto buffer = pool.take(2);
        second_has_one = true;
    });
    {
        const auto last = pool.take(1);
        CHECK(last.span().size() == 16);
        CHECK_FALSE(second_has_one);
    }
    pool.set_first(2);
    CHECK(eventually([&] { return second_has_one.load(); }));
}

TEST_CASE("closing the pool ends every wait") {
    BufferPool pool(1, 16);
    const auto only = pool.take(0);
    std::atomic<bool> ended = false;
    std::jthread waiting([&] {
        try {
            pool.take(7);
        } catch (const Error& error) {
            ended = error.code() == Errc::cancelled;
        }
    });
    pool.close();
    CHECK(eventually([&] { return ended.load(); }));
}

TEST_CASE("a reader that takes turns in order does not wait for ever") {
    // The pattern of ReadAhead: jobs begin in order, need several buffers each, and are consumed in
    // order, too. After a lost wake-up, the test would not end.
    constexpr std::uint64_t jobs = 3000;
    BufferPool pool(6, 16);
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::deque<BufferPool::Buffer>> buffers(jobs + 1);
    std::uint64_t next_job = 1;

    const auto work = [&] {
        for (;;) {
            std::uint64_t job = 0;
            {
                const std::lock_guard lock(mutex);
                if (next_job > jobs) return;
                job = next_job++;
            }
            for (std::uint64_t i = 0; i <= job % 9; ++i) {
                auto buffer = pool.take(job);
                const std::lock_guard lock(mutex);
                buffers[job].push_back(std::move(buffer));
                changed.notify_all();
            }
        }
    };
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(work);
    std::uint64_t taken = 0;
    for (std::uint64_t job = 1; job <= jobs; ++job) {
        for (std::uint64_t i = 0; i <= job % 9; ++i) {
            pool.set_first(job);
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return !buffers[job].empty(); });
            const auto buffer = std::move(buffers[job].front());
            buffers[job].pop_front();
            lock.unlock();
            ++taken;
        }
    }
    CHECK(taken == 14'994);
}
