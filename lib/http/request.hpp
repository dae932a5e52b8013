// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "core/bytes.hpp"
#include "http/url.hpp"

namespace mastobak::http {

/// A request of HTTP: GET, or POST if it has a body.
struct Request {
    Url url;
    std::optional<std::string> body{};  ///< plain text in UTF-8
    /// The limit of the whole request: name resolution, connection, answer.
    std::chrono::milliseconds timeout{10'000};
    /// The proxy, as libcurl reads it ("http://proxy:3128"); empty: none. nullopt: that of the
    /// environment (https_proxy, http_proxy, no_proxy). A secret, if it has a password.
    std::optional<std::string> proxy{};
};

/// A request to a server that listens on a Unix socket of this host: GET, or POST if it has a body,
/// or DELETE.
struct LocalRequest {
    std::filesystem::path socket;
    std::string target;                 ///< path and query, escaped: "/containers/json?all=true"
    std::optional<std::string> body{};  ///< JSON; may be empty
    std::chrono::milliseconds timeout{10'000};  ///< limit of the whole request
    Bytes largest_answer{1 << 20};
    bool remove = false;  ///< DELETE; it has no body
};

struct Answer {
    int status = 0;    ///< such as 200
    std::string body;  ///< of ask(): the first 4 KiB

    bool ok() const { return status >= 200 && status < 300; }
};

/// Sends a request and waits for the answer. Blocks, so call it through async::run_blocking. The
/// certificate of the server is verified by this host's authorities. A redirect is not followed: it
/// is an answer. At most 4 KiB of an answer are read.
/// Throws Error{environment}, whose text is only the reason ("Connection refused", "it does not
/// answer") and never has the URL; Error{cancelled} after a stop request, without delay.
Answer ask(const Request& request, std::stop_token stop = {});

/// Does the same with a server of this host, and returns its whole answer.
/// Throws as ask() does, and Error{environment} for an answer that is too long.
Answer ask_local(const LocalRequest& request, std::stop_token stop = {});

/// Called with each block of the body of an answer.
using OnBlock = std::function<void(std::span<const std::byte>)>;

/// Sends a request to a server of this host, and passes on the body of an answer with status 200,
/// which may have any size. It keeps the body of any other answer, as ask_local() does.
/// \param request its time-out is the limit of the time without data of the server
/// \return nullopt when the server sent nothing for that long
/// Throws as ask_local() does, and the exceptions of on_block, which end the request.
std::optional<Answer> stream_local(const LocalRequest& request, const OnBlock& on_block,
                                   std::stop_token stop = {});

}  // namespace mastobak::http
