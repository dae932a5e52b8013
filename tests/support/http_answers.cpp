// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/http_answers.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace mastobak::test {
namespace asio = boost::asio;
using asio::ip::tcp;

HttpAnswers::HttpAnswers(std::vector<std::string> answers)
    : acceptor_(loop_, {asio::ip::address_v4::loopback(), 0}),
      port_(acceptor_.local_endpoint().port()),
      thread_([this, answers = std::move(answers)] { serve(answers); }) {}

std::vector<std::string> HttpAnswers::asked() {
    thread_.join();
    return asked_;
}

void HttpAnswers::serve(const std::vector<std::string>& answers) {
    for (const auto& answer : answers) {
        tcp::socket client(loop_);
        acceptor_.accept(client);
        std::string request;
        boost::system::error_code closed;
        asio::read_until(client, asio::dynamic_buffer(request), "\r\n\r\n", closed);
        asked_.push_back(request.substr(0, request.find('\r')));
        char none = 0;
        if (answer == http_silence)
            asio::read(client, asio::buffer(&none, 1), closed);
        else
            asio::write(client, asio::buffer(answer));
    }
    acceptor_.close();
}

}  // namespace mastobak::test
