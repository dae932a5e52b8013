// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/request.hpp"

#include <utility>

#include "http/transfer.hpp"

namespace mastobak::http {
namespace {

constexpr std::size_t longest_body = 4096;

}  // namespace

Answer ask(const Request& request, std::stop_token stop) {
    Transfer transfer(request.url.secret(), request.timeout, {longest_body, true});
    if (request.proxy) transfer.use_proxy(*request.proxy);
    if (request.body) transfer.post(*request.body, "text/plain; charset=utf-8");
    const auto status = transfer.perform(std::move(stop));
    return {status, transfer.take_body()};
}

Answer ask_local(const LocalRequest& request, std::stop_token stop) {
    // The host is only a name: the socket is the server.
    Transfer transfer("http://localhost" + request.target, request.timeout,
                      {request.largest_answer.count, false});
    transfer.use_proxy("");
    transfer.use_socket(request.socket.native());
    if (request.body) transfer.post(*request.body, "application/json");
    const auto status = transfer.perform(std::move(stop));
    return {status, transfer.take_body()};
}

}  // namespace mastobak::http
