// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/http_url.hpp"

#include <fmt/format.h>

#include <charconv>

namespace mastobak::config {
namespace {

constexpr std::string_view scheme = "http://";

}  // namespace

std::optional<HttpUrl> parse_http_url(std::string_view text) {
    if (!text.starts_with(scheme)) return std::nullopt;
    text.remove_prefix(scheme.size());
    for (const char c : text)
        if (c <= ' ' || c == 0x7f || c == '#') return std::nullopt;
    HttpUrl url;
    const auto slash = text.find_first_of("/?");
    if (slash != text.npos) url.target = text.substr(slash);
    if (url.target.front() == '?') url.target.insert(0, "/");
    auto authority = text.substr(0, slash);
    const auto bracket = authority.find(']');
    const auto colon = authority.find(':', bracket == authority.npos ? 0 : bracket);
    if (colon != authority.npos) {
        const auto port = authority.substr(colon + 1);
        const auto* end = port.data() + port.size();
        const auto [after, error] = std::from_chars(port.data(), end, url.port);
        if (error != std::errc() || after != end || url.port == 0) return std::nullopt;
        authority = authority.substr(0, colon);
    }
    if (authority.starts_with('[') && authority.ends_with(']'))
        authority = authority.substr(1, authority.size() - 2);
    if (authority.empty() || authority.find_first_of("@[]") != authority.npos) return std::nullopt;
    url.host = authority;
    return url;
}

std::string to_string(const HttpUrl& url) {
    const bool six = url.host.find(':') != std::string::npos;
    return fmt::format("{}{}{}{}:{}{}", scheme, six ? "[" : "", url.host, six ? "]" : "", url.port,
                       url.target);
}

}  // namespace mastobak::config
