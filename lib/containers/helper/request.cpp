// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/helper/request.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/text.hpp"

namespace mastobak::containers {
namespace {

constexpr int bad_request = 400, too_large = 413;

[[noreturn]] void malformed(const char* what) {
    throw Refusal{bad_request, what};
}

/// Takes the text before a separator off a text; all of it when there is no separator.
std::string_view take_until(std::string_view& text, std::string_view separator) {
    const auto end = std::min(text.find(separator), text.size());
    const auto part = text.substr(0, end);
    text.remove_prefix(std::min(end + separator.size(), text.size()));
    return part;
}

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    malformed("a character of the target is escaped wrongly");
}

/// Decodes a part of a query.
std::string decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result += text[i];
            continue;
        }
        if (text.size() - i < 3) malformed("a character of the target is escaped wrongly");
        result += static_cast<char>(16 * digit_of(text[i + 1]) + digit_of(text[i + 2]));
        i += 2;
    }
    return result;
}

/// A path is not decoded: what our client asks for needs no escapes.
std::string plain_path(std::string_view text) {
    const bool plain = text.starts_with('/') && std::ranges::all_of(text, [](char c) {
                           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '/';
                       });
    if (!plain) malformed("the path has characters that no path here has");
    return std::string(text);
}

void read_target(std::string_view target, Request& request) {
    request.path = plain_path(take_until(target, "?"));
    while (!target.empty()) {
        auto pair = take_until(target, "&");
        auto name = decoded(take_until(pair, "="));
        if (!request.query.emplace(std::move(name), decoded(pair)).second)
            malformed("a parameter occurs twice");
    }
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::size_t body_size(std::string_view value) {
    const auto size = parse_number<std::size_t>(value);
    if (!size) malformed("the size of the body is not a number");
    if (*size > longest_body) throw Refusal{too_large, "the body is too long"};
    return *size;
}

}  // namespace

Request parse_request(std::string_view head) {
    if (!head.ends_with("\r\n\r\n")) malformed("the request has no end");
    const bool printable = std::ranges::all_of(
        head, [](char c) { return c == '\r' || c == '\n' || c == '\t' || (c >= ' ' && c <= '~'); });
    if (!printable) malformed("the request has characters that are not printable");
    head.remove_suffix(2);
    Request request;
    auto line = take_until(head, "\r\n");
    request.method = take_until(line, " ");
    if (request.method != "GET" && request.method != "POST") malformed("it is not GET or POST");
    read_target(take_until(line, " "), request);
    if (line != "HTTP/1.1") malformed("it is not HTTP/1.1");
    std::optional<std::size_t> size;
    while (!head.empty()) {
        auto field = take_until(head, "\r\n");
        const auto name = lower(take_until(field, ":"));
        if (name.empty() || name.find_first_of(" \t\r\n") != name.npos || head.starts_with('\t') ||
            head.starts_with(' '))
            malformed("a line of the head is not a field");
        // With these, the body would have another end, or something else than an answer would follow.
        if (name == "transfer-encoding" || name == "upgrade" || name == "expect" ||
            name == "trailer" || name == "te")
            malformed("the request has a field that is not accepted");
        if (name != "content-length") continue;
        if (size) malformed("the request has two sizes");
        size = body_size(trimmed(field));
    }
    request.body_size = size.value_or(0);
    return request;
}

}  // namespace mastobak::containers
