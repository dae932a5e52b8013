// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/url.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <new>

namespace mastobak::http {
namespace {

struct FreeUrl {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
    void operator()(char* text) const { curl_free(text); }
};
using UrlHandle = std::unique_ptr<CURLU, FreeUrl>;

/// Returns a URL that libcurl has parsed; null when it is not one.
UrlHandle parsed(const std::string& text) {
    UrlHandle url(curl_url());
    if (!url) throw std::bad_alloc();
    if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return nullptr;
    return url;
}

/// Returns a part of a URL; empty when it lacks the part.
std::string part(const UrlHandle& url, CURLUPart what, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(url.get(), what, &text, flags) != CURLUE_OK) return {};
    const std::unique_ptr<char, FreeUrl> owner(text);
    return text;
}

bool set_part(const UrlHandle& url, CURLUPart what, const std::string& text) {
    return curl_url_set(url.get(), what, text.c_str(), 0) == CURLUE_OK;
}

std::string escaped(const std::string& text) {
    const std::unique_ptr<char, FreeUrl> result(
        curl_easy_escape(nullptr, text.c_str(), static_cast<int>(text.size())));
    if (!result) throw std::bad_alloc();
    return result.get();
}

}  // namespace

std::optional<Url> Url::parse(std::string_view text) {
    const bool plain = std::ranges::none_of(
        text, [](char c) { return c <= ' ' || c == 0x7f || c == '#' || c == '\\'; });
    if (!plain) return std::nullopt;
    const auto url = parsed(std::string(text));
    if (!url) return std::nullopt;
    const auto scheme = part(url, CURLUPART_SCHEME);
    if ((scheme != "http" && scheme != "https") || part(url, CURLUPART_PORT) == "0")
        return std::nullopt;
    Url result;
    result.text_ = part(url, CURLUPART_URL);
    result.origin_ = scheme + "://" + part(url, CURLUPART_HOST);
    if (const auto port = part(url, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT); !port.empty())
        result.origin_ += ":" + port;
    result.has_login_ =
        !part(url, CURLUPART_USER).empty() || !part(url, CURLUPART_PASSWORD).empty();
    return result;
}

Url Url::below(std::string_view segment) const {
    const auto url = parsed(text_);
    auto path = part(url, CURLUPART_PATH);
    while (path.ends_with('/')) path.pop_back();
    set_part(url, CURLUPART_PATH, path + "/" + escaped(std::string(segment)));
    auto result = *this;
    result.text_ = part(url, CURLUPART_URL);
    return result;
}

Url Url::with(std::string_view name, std::string_view value) const {
    const auto url = parsed(text_);
    const auto before = part(url, CURLUPART_QUERY);
    std::string query;
    for (std::size_t at = 0; at < before.size();) {
        const auto end = std::min(before.find('&', at), before.size());
        const auto pair = before.substr(at, end - at);
        if (pair.substr(0, pair.find('=')) != name) query += (query.empty() ? "" : "&") + pair;
        at = end + 1;
    }
    query += (query.empty() ? "" : "&") + std::string(name) + "=" + escaped(std::string(value));
    set_part(url, CURLUPART_QUERY, query);
    auto result = *this;
    result.text_ = part(url, CURLUPART_URL);
    return result;
}

}  // namespace mastobak::http
