// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/health_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <exception>
#include <utility>

#include "async/job.hpp"
#include "async/timers.hpp"

namespace mastobak::units {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using namespace std::chrono_literals;

constexpr auto retry_pause = 50ms;
/// The time limits of one request. They are seconds, because puma accepts connections long before
/// it has loaded Rails.
constexpr std::chrono::nanoseconds longest_patience = 5s, shortest_patience = 1s;

/// \return the status of the response
async::Task<unsigned> get(HealthCheck check) {
    const auto loop = co_await asio::this_coro::executor;
    tcp::resolver resolver(loop);
    const auto places = co_await resolver.async_resolve(check.host, std::to_string(check.port),
                                                        asio::use_awaitable);
    tcp::socket socket(loop);
    co_await asio::async_connect(socket, places, asio::use_awaitable);
    http::request<http::empty_body> request(http::verb::get, check.target, 11);
    request.set(http::field::host, check.host);
    request.set(http::field::user_agent, "mastobak");
    request.set(http::field::connection, "close");
    co_await http::async_write(socket, request, asio::use_awaitable);
    boost::beast::flat_buffer buffer;
    http::response_parser<http::empty_body> answer;
    co_await http::async_read_header(socket, buffer, answer, asio::use_awaitable);
    co_return answer.get().result_int();
}

/// \return why the response is not a success; empty when it is
async::Task<std::optional<std::string>> ask(HealthCheck check, std::chrono::nanoseconds patience) {
    std::optional<unsigned> status;
    try {
        auto request = get(std::move(check));
        status = co_await async::with_deadline(patience, std::move(request));
    } catch (const boost::system::system_error& e) {
        co_return e.code().message();
    }
    if (!status) co_return "it does not answer";
    if (*status >= 200 && *status < 300) co_return std::nullopt;
    co_return fmt::format("it answers with status {}", *status);
}

}  // namespace

async::Task<std::optional<std::string>> wait_until_healthy(HealthCheck check,
                                                           std::chrono::nanoseconds limit) {
    const auto give_up = std::chrono::steady_clock::now() + limit;
    for (;;) {
        const auto left = give_up - std::chrono::steady_clock::now();
        auto why = co_await ask(check, std::clamp(left, shortest_patience, longest_patience));
        if (!why || std::chrono::steady_clock::now() >= give_up) co_return why;
        co_await async::wait_for(retry_pause);
    }
}

}  // namespace mastobak::units
