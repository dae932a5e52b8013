// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/answers.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <thread>
#include <vector>

#include "async/run_sync.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// Gives one answer after the other, each on a connection of its own, and keeps the first lines of
/// what it was asked.
class Server {
 public:
    explicit Server(std::vector<std::string> answers)
        : thread_([this, answers = std::move(answers)] {
              for (const auto& answer : answers) {
                  tcp::socket client(loop_);
                  acceptor_.accept(client);
                  std::string request;
                  asio::read_until(client, asio::dynamic_buffer(request), "\r\n\r\n");
                  asked_.push_back(request.substr(0, request.find('\r')));
                  asio::write(client, asio::buffer(answer));
              }
          }) {}
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    std::vector<std::string> asked() {
        thread_.join();
        return asked_;
    }

 private:
    asio::io_context loop_;
    tcp::acceptor acceptor_{loop_, {asio::ip::address_v4::loopback(), 0}};
    std::vector<std::string> asked_;
    std::jthread thread_;
};

constexpr auto ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";
constexpr auto unavailable = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";

}  // namespace

TEST_CASE("a server that is not ready is asked again until it answers with success") {
    Server server({"", unavailable, ok});
    const auto why =
        async::run_sync(units::wait_for_answer({"127.0.0.1", server.port(), "/health?full"}, 20s));
    CHECK(why == std::nullopt);
    CHECK(server.asked() == std::vector<std::string>(3, "GET /health?full HTTP/1.1"));
}

TEST_CASE("what never answers is told with its reason, at the end of the time") {
    std::uint16_t port = 0;
    {
        asio::io_context loop;
        port = tcp::acceptor(loop, {asio::ip::address_v4::loopback(), 0}).local_endpoint().port();
    }
    const auto why = async::run_sync(units::wait_for_answer({"127.0.0.1", port, "/"}, 100ms));
    REQUIRE(why);
    CHECK(*why == "Connection refused");

    Server server({unavailable});
    const auto status =
        async::run_sync(units::wait_for_answer({"127.0.0.1", server.port(), "/"}, 0s));
    CHECK(status == "it answers with status 503");
}
