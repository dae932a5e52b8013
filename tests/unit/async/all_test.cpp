// SPDX-License-Identifier: GPL-3.0-or-later
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include "async/job.hpp"
#include "async/run_sync.hpp"
#include "async/timers.hpp"
#include "core/error.hpp"
#include "support/catch.hpp"

using namespace mastobak;
namespace asio = boost::asio;

namespace {

async::Task<> passing() {
    co_await async::wait_for(std::chrono::milliseconds(0));
}

async::Task<> failing_at_once() {
    co_await async::wait_for(std::chrono::milliseconds(0));
    throw Error(Errc::offsite, "no");
}

/// Records in `after` whether the coroutine still throws for a cancellation when it has waited.
async::Task<> look(std::vector<async::Task<>> tasks, bool before, bool& after) {
    co_await asio::this_coro::throw_if_cancelled(before);
    try {
        co_await async::all(std::move(tasks));
    } catch (const Error&) {
    }
    after = co_await asio::this_coro::throw_if_cancelled();
}

}  // namespace

TEST_CASE("tasks side by side leave it to their caller whether a cancellation throws") {
    asio::io_context loop{1};
    for (const bool before : {true, false}) {
        for (const bool fails : {false, true}) {
            CAPTURE(before, fails);
            std::vector<async::Task<>> tasks;
            tasks.push_back(passing());
            if (fails) tasks.push_back(failing_at_once());
            bool after = !before;
            async::run_sync(loop, look(std::move(tasks), before, after));
            CHECK(after == before);
        }
    }
}
