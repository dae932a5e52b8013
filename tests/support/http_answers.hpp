// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace mastobak::test {

constexpr auto http_ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";
constexpr auto http_unavailable = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
/// Instead of an answer, the server keeps the connection open until the client has closed it.
constexpr auto http_silence = "silence";

/// Returns an answer.
/// \param status "200 OK"
inline std::string http_answer(const std::string& status, const std::string& body) {
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

/// An HTTP server on a free port, or on a Unix socket. It accepts one connection for each answer, in
/// order, and then refuses connections.
class HttpAnswers {
 public:
    explicit HttpAnswers(std::vector<std::string> answers);
    HttpAnswers(std::vector<std::string> answers, const std::filesystem::path& socket);

    std::uint16_t port() const { return port_; }
    /// Returns the first line of each request. Call it after all answers have been sent.
    std::vector<std::string> asked();
    /// Does the same for the whole requests, with their bodies.
    std::vector<std::string> requests();

 private:
    template <typename Acceptor>
    void serve(Acceptor& acceptor, const std::vector<std::string>& answers);

    boost::asio::io_context loop_;
    boost::asio::ip::tcp::acceptor tcp_{loop_};
    boost::asio::local::stream_protocol::acceptor local_{loop_};
    std::uint16_t port_ = 0;
    std::vector<std::string> requests_;
    std::jthread thread_;
};

}  // namespace mastobak::test
