// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/http_answers.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <string_view>
#include <utility>

namespace mastobak::test {
namespace asio = boost::asio;
using asio::ip::tcp;

HttpAnswers::HttpAnswers(std::vector<std::string> answers)
    : acceptor_(loop_, {asio::ip::address_v4::loopback(), 0}),
      port_(acceptor_.local_endpoint().port()),
      thread_([this, answers = std::move(answers)] { serve(answers); }) {}

std::vector<std::string> HttpAnswers::asked() {
    auto lines = requests();
    for (auto& line : lines) line.resize(std::min(line.find('\r'), line.size()));
    return lines;
}

std::vector<std::string> HttpAnswers::requests() {
    if (thread_.joinable()) thread_.join();
    return requests_;
}

void HttpAnswers::serve(const std::vector<std::string>& answers) {
    for (const auto& answer : answers) {
        tcp::socket client(loop_);
        acceptor_.accept(client);
        std::string request;
        boost::system::error_code closed;
        asio::read_until(client, asio::dynamic_buffer(request), "\r\n\r\n", closed);
        const auto body = request.find("\r\n\r\n") + 4;
        constexpr std::string_view length = "Content-Length: ";
        if (const auto at = request.find(length); at < body) {
            const auto size = std::stoul(request.substr(at + length.size()));
            if (request.size() < body + size)
                asio::read(client, asio::dynamic_buffer(request),
                           asio::transfer_exactly(body + size - request.size()), closed);
        }
        requests_.push_back(request);
        char none = 0;
        if (answer == http_silence)
            asio::read(client, asio::buffer(&none, 1), closed);
        else
            asio::write(client, asio::buffer(answer), closed);
    }
    acceptor_.close();
}

}  // namespace mastobak::test
