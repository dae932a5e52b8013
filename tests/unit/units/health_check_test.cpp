// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/health_check.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <vector>

#include "async/run_sync.hpp"
#include "support/catch.hpp"
#include "support/http_answers.hpp"

using namespace mastobak;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;
using Server = test::HttpAnswers;
using test::http_ok, test::http_unavailable;

namespace {

http::Url url_of(std::uint16_t port, const std::string& target = "/") {
    return *http::Url::parse("http://127.0.0.1:" + std::to_string(port) + target);
}

}  // namespace

TEST_CASE("a server that is not ready is asked again until it answers with success") {
    Server server({"", http_unavailable, http_ok});
    const auto why =
        async::run_sync(units::wait_until_healthy(url_of(server.port(), "/health?full"), 20s));
    CHECK(why == std::nullopt);
    CHECK(server.asked() == std::vector<std::string>(3, "GET /health?full HTTP/1.1"));
}

TEST_CASE("what never answers is told with its reason, at the end of the time") {
    std::uint16_t port = 0;
    {
        asio::io_context loop;
        port = tcp::acceptor(loop, {asio::ip::address_v4::loopback(), 0}).local_endpoint().port();
    }
    const auto why = async::run_sync(units::wait_until_healthy(url_of(port), 100ms));
    REQUIRE(why);
    CHECK(*why == "Connection refused");

    Server server({http_unavailable});
    const auto status = async::run_sync(units::wait_until_healthy(url_of(server.port()), 0s));
    CHECK(status == "it answers with status 503");
}

TEST_CASE("a server that takes the question and never answers is waited for no longer") {
    Server server({test::http_silence});
    const auto begin = std::chrono::steady_clock::now();
    const auto why = async::run_sync(units::wait_until_healthy(url_of(server.port()), 100ms));
    CHECK(why == "it does not answer");
    CHECK(std::chrono::steady_clock::now() - begin < 4s);
}
