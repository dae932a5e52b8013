// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/health_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/thread_pool.hpp>
#include <utility>

#include "async/run_blocking.hpp"
#include "async/timers.hpp"
#include "core/error.hpp"
#include "http/request.hpp"

namespace mastobak::units {
namespace {

using namespace std::chrono_literals;

constexpr auto retry_pause = 50ms;
/// The time limits of one request. They are seconds, because puma accepts connections long before
/// it has loaded Rails.
constexpr std::chrono::nanoseconds longest_patience = 5s, shortest_patience = 1s;

/// \return why the answer is not a success; empty when it is
std::optional<std::string> problem_of(const http::Request& request, std::stop_token stop) {
    try {
        const auto answer = http::ask(request, std::move(stop));
        if (answer.ok()) return std::nullopt;
        return fmt::format("it answers with status {}", answer.status);
    } catch (const Error& error) {
        if (error.code() == Errc::cancelled) throw;
        return error.text();
    }
}

}  // namespace

async::Task<std::optional<std::string>> wait_until_healthy(http::Url url,
                                                           std::chrono::nanoseconds limit) {
    boost::asio::thread_pool pool(1);
    http::Request request{.url = std::move(url), .proxy = ""};
    const auto give_up = std::chrono::steady_clock::now() + limit;
    for (;;) {
        const auto left = give_up - std::chrono::steady_clock::now();
        request.timeout = std::chrono::ceil<std::chrono::milliseconds>(
            std::clamp<std::chrono::nanoseconds>(left, shortest_patience, longest_patience));
        auto work = [request](std::stop_token stop) { return problem_of(request, stop); };
        auto why = co_await async::run_blocking(pool, std::move(work));
        if (!why || std::chrono::steady_clock::now() >= give_up) co_return why;
        co_await async::wait_for(retry_pause);
    }
}

}  // namespace mastobak::units
