// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/helper/server.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "core/error.hpp"
#include "core/files/unique_fd.hpp"

namespace mastobak::containers {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// A stop of a container may take minutes, so there are more than the client needs at a time.
constexpr int most_connections = 32;
constexpr std::chrono::milliseconds poll_interval{200};

constexpr int bad_request_status = 400, forbidden_client = 403, timed_out = 408,
              head_too_large = 431, too_many = 503;

/// Waits until a descriptor can be read or written.
/// \return whether it can
bool is_ready(int fd, short events, SteadyClock::time_point until) {
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - SteadyClock::now()).count();
        if (left <= 0) return false;
        pollfd descriptor{fd, events, 0};
        const int ready = ::poll(&descriptor, 1, static_cast<int>(left));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
    }
}

std::optional<uid_t> peer_of(int fd) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
    return peer.uid;
}

/// Adds what the client has sent to a text.
/// Throws Refusal when the client sends nothing more.
void receive(int fd, std::string& text, SteadyClock::time_point until) {
    if (!is_ready(fd, POLLIN, until)) throw Refusal{timed_out, "the request does not arrive"};
    std::array<char, 4096> block{};
    const auto size = ::recv(fd, block.data(), block.size(), MSG_DONTWAIT);
    if (size <= 0) throw Refusal{bad_request_status, "the request has no end"};
    text.append(block.data(), static_cast<std::size_t>(size));
}

/// Reads one request and its body. Throws Refusal, also when something follows.
Request receive_request(int fd, std::string& body, SteadyClock::time_point until) {
    constexpr std::string_view end_of_head = "\r\n\r\n";
    std::string text;
    std::size_t head = 0;
    for (;;) {
        head = text.find(end_of_head);
        if (head == text.npos && text.size() <= longest_head) {
            receive(fd, text, until);
            continue;
        }
        if (head == text.npos || head > longest_head)
            throw Refusal{head_too_large, "the head of the request is too long"};
        head += end_of_head.size();
        break;
    }
    auto request = parse_request(std::string_view(text).substr(0, head));
    body = text.substr(head);
    while (body.size() < request.body_size) receive(fd, body, until);
    if (body.size() > request.body_size)
        throw Refusal{bad_request_status, "something follows the request"};
    return request;
}

/// Sends what the client takes at once.
/// \return false when it takes nothing any more
bool send_some(int fd, std::string_view& text) {
    const auto sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
    return sent >= 0 || errno == EAGAIN || errno == EINTR;
}

void send_all(int fd, std::string_view text, SteadyClock::time_point until) {
    while (!text.empty() && is_ready(fd, POLLOUT, until) && send_some(fd, text)) {
    }
}

void send_answer(int fd, const HelperAnswer& answer, SteadyClock::time_point until) {
    send_all(fd,
             fmt::format("HTTP/1.1 {} {}\r\nContent-Type: application/json\r\nContent-Length: "
                         "{}\r\nConnection: close\r\n\r\n",
                         answer.status, answer.status < bad_request_status ? "OK" : "Refused",
                         answer.body.size()),
             until);
    send_all(fd, answer.body, until);
}

/// A connection whose answer may have any size.
class Stream {
 public:
    /// \param stop requests a stop of the server
    Stream(int fd, const std::stop_token& stop)
        : fd_(fd), of_server_(stop, [this] { gone_.request_stop(); }) {}

    bool begun() const { return begun_; }
    /// Requests a stop of the work for this client.
    std::stop_token gone() const { return gone_.get_token(); }

    /// Begins to notice when the client ends the connection.
    void watch() {
        watch_ = std::jthread([this](const std::stop_token& done) {
            while (!done.stop_requested() && !gone_.stop_requested())
                if (is_ready(fd_, POLLRDHUP, SteadyClock::now() + poll_interval))
                    gone_.request_stop();
        });
    }

    void send(std::string_view text) {
        if (!std::exchange(begun_, true))
            send_part(
                "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
                "Connection: close\r\n\r\n");
        send_part(text);
    }

 private:
    /// The client may write to a slow disk, so it has as much time as it needs.
    void send_part(std::string_view text) const {
        while (!text.empty()) {
            if (gone_.stop_requested()) throw Error(Errc::cancelled, "the client has gone");
            if (is_ready(fd_, POLLOUT, SteadyClock::now() + poll_interval) && !send_some(fd_, text))
                throw Error(Errc::cancelled, "the client has gone");
        }
    }

    const int fd_;
    bool begun_ = false;
    std::stop_source gone_{};
    const std::stop_callback<std::function<void()>> of_server_;
    std::jthread watch_{};  ///< last: it uses all of the above
};

void serve_one(int fd, Helper& helper, const ServerOptions& options, const std::stop_token& stop) {
    const auto refused = [&options](const std::string& why) {
        if (options.refused) options.refused(why);
    };
    Stream stream(fd, stop);
    HelperAnswer answer;
    try {
        const auto peer = peer_of(fd);
        if (!peer || std::ranges::find(options.clients, *peer) == options.clients.end())
            throw Refusal{forbidden_client, "this user may not use mastobak's helper"};
        std::string body;
        const auto request = receive_request(fd, body, SteadyClock::now() + options.patience);
        const Client client{refused, [&stream] { stream.watch(); },
                            [&stream](std::string_view text) { stream.send(text); }, stream.gone()};
        answer = helper.answer(request, body, client);
    } catch (const Refusal& refusal) {
        refused(refusal.text);
        answer = {refusal.status, {}};
    } catch (const std::exception& error) {
        answer = {.status = 500};
        refused(error.what());
    }
    if (!stream.begun()) send_answer(fd, answer, SteadyClock::now() + options.patience);
}

/// The threads of the connections. Their number has a limit.
class Connections {
 public:
    Connections(Helper& helper, const ServerOptions& options, std::stop_token stop)
        : helper_(helper), options_(options), stop_(std::move(stop)) {}

    bool empty() const { return active_ == 0; }

    void add(UniqueFd fd) {
        std::erase_if(threads_, [](const auto& thread) { return thread.ended->load(); });
        if (active_ >= most_connections) {
            send_answer(fd.get(), {.status = too_many}, SteadyClock::now() + poll_interval);
            return;
        }
        ++active_;
        auto ended = std::make_shared<std::atomic<bool>>(false);
        threads_.push_back({ended, std::jthread([this, ended, client = std::move(fd)] {
                                serve_one(client.get(), helper_, options_, stop_);
                                --active_;
                                *ended = true;
                            })});
    }

 private:
    struct Thread {
        std::shared_ptr<std::atomic<bool>> ended;
        std::jthread thread;
    };

    Helper& helper_;
    const ServerOptions& options_;
    const std::stop_token stop_;
    std::atomic<int> active_ = 0;
    std::vector<Thread> threads_{};
};

}  // namespace

void serve(int listener, Helper& helper, const ServerOptions& options, std::stop_token stop) {
    Connections connections(helper, options, stop);
    auto busy = SteadyClock::now();
    while (!stop.stop_requested() && SteadyClock::now() - busy < options.idle) {
        if (!connections.empty()) busy = SteadyClock::now();
        if (!is_ready(listener, POLLIN, SteadyClock::now() + poll_interval)) continue;
        UniqueFd client(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
        if (!client && (errno == EINTR || errno == ECONNABORTED || errno == EAGAIN)) continue;
        if (!client) throw errno_error(Errc::units, "accept a connection", errno);
        busy = SteadyClock::now();
        connections.add(std::move(client));
    }
}

}  // namespace mastobak::containers
