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

HttpAnswers::HttpAnswers(std::vector<std::string> answers)
    : tcp_(loop_, {asio::ip::address_v4::loopback(), 0}), port_(tcp_.local_endpoint().port()) {
    thread_ = std::jthread([this, answers = std::move(answers)] { serve(tcp_, answers); });
}

HttpAnswers::HttpAnswers(std::vector<std::string> answers, const std::filesystem::path& socket)
    : local_(loop_, {socket.native()}) {
    thread_ = std::jthread([this, answers = std::move(answers)] { serve(local_, answers); });
}

std::vector<std::string> HttpAnswers::asked() {
    auto lines = requests();
    for (auto& line : lines) line.resize(std::min(line.find('\r'), line.size()));
    return lines;
}

std::vector<std::string> HttpAnswers::requests() {
    if (thread_.joinable()) thread_.join();
    return requests_;
}

template <typename Acceptor>
void HttpAnswers::serve(Acceptor& acceptor, const std::vector<std::string>& answers) {
    for (const auto& answer : answers) {
        typename Acceptor::protocol_type::socket client(loop_);
        acceptor.accept(client);
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
    acceptor.close();
}

}  // namespace mastobak::test
