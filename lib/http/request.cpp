// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/request.hpp"

#include <utility>

#include "http/transfer.hpp"

namespace mastobak::http {
namespace {

constexpr std::size_t longest_body = 4096;

/// The host is only a name: the socket is the server.
std::string url_of(const LocalRequest& request) {
    return "http://localhost" + request.target;
}

void prepare(Transfer& transfer, const LocalRequest& request) {
    transfer.use_proxy("");
    transfer.use_socket(request.socket.native());
    if (request.body) transfer.post(*request.body, "application/json");
    if (request.remove) transfer.remove();
}

}  // namespace

Answer ask(const Request& request, std::stop_token stop) {
    Transfer transfer(request.url.secret(), request.timeout, {longest_body, true});
    if (request.proxy) transfer.use_proxy(*request.proxy);
    if (request.body) transfer.post(*request.body, "text/plain; charset=utf-8");
    const auto status = transfer.perform(std::move(stop));
    return {status, transfer.take_body()};
}

Answer ask_local(const LocalRequest& request, std::stop_token stop) {
    Transfer transfer(url_of(request), request.timeout, {request.largest_answer.count, false});
    prepare(transfer, request);
    const auto status = transfer.perform(std::move(stop));
    return {status, transfer.take_body()};
}

std::optional<Answer> stream_local(const LocalRequest& request, const OnBlock& on_block,
                                   std::stop_token stop) {
    constexpr std::chrono::milliseconds none{0};
    Transfer transfer(url_of(request), none, {request.largest_answer.count, false});
    prepare(transfer, request);
    transfer.pass_on(on_block, request.timeout);
    const auto status = transfer.perform(std::move(stop));
    if (transfer.was_silent()) return std::nullopt;
    return Answer{status, transfer.take_body()};
}

}  // namespace mastobak::http
