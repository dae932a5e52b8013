// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

/// The helper's side of the API: it reads requests of a client that it does not trust.
namespace mastobak::containers {

/// A request that has been read.
struct Request {
    std::string method;
    std::string path;                            ///< decoded; only characters that paths here have
    std::map<std::string, std::string> query{};  ///< decoded
    std::size_t body_size = 0;                   ///< Content-Length
    bool operator==(const Request&) const = default;
};

/// Why a request is not answered as asked.
struct Refusal {
    int status;        ///< of HTTP
    std::string text;  ///< readable, for the client and the journal
};

inline constexpr std::size_t longest_head = std::size_t{8} << 10;
inline constexpr std::size_t longest_body = std::size_t{4} << 10;

/// Parses the head of a request, with its empty line. Accepts only what our own client sends:
/// HTTP/1.1, GET or POST, a body of a known size that is small. Anything else could mean one thing
/// here and another to the engine.
/// Throws Refusal.
Request parse_request(std::string_view head);

}  // namespace mastobak::containers
