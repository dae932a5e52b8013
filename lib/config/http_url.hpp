// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mastobak::config {

/// "http://HOST[:PORT][/PATH]": the URL of a health check, on this host or in its network.
struct HttpUrl {
    std::string host;  ///< name or address; an IPv6 address has no brackets
    std::uint16_t port = 80;
    std::string target{"/"};  ///< path and query

    bool operator==(const HttpUrl&) const = default;
};

/// Returns nullopt when the text is not such a URL.
std::optional<HttpUrl> parse_http_url(std::string_view text);
/// Returns the URL with the port, also when it is 80.
std::string to_string(const HttpUrl& url);

}  // namespace mastobak::config
