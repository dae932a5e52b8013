// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// HTML text for the report. Names and messages are untrusted, so each argument is escaped; only
/// values of the type Html, which these functions have made, stay as they are.
namespace mastobak::daemon::report {

/// Text that is HTML.
struct Html {
    std::string text;

    Html& operator+=(const Html& more) {
        text += more.text;
        return *this;
    }
};

/// Makes a text safe as HTML, in elements and in quoted attributes: readable(), and references for
/// `& < > " '`.
std::string escaped(std::string_view text);

/// Makes an argument of html() safe: numbers and Html are unchanged, all else is escaped.
template <typename T>
auto safe(const T& value) {
    if constexpr (std::is_same_v<T, Html>)
        return std::string_view(value.text);
    else if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, char>)
        return value;
    else
        return escaped(std::string_view(value));
}

template <typename... T>
using HtmlFormat = fmt::format_string<decltype(safe(std::declval<const T&>()))&...>;

/// Formats HTML. Tags can come only from the format, or from arguments of the type Html.
template <typename... T>
Html html(HtmlFormat<T...> format, const T&... arguments) {
    return [&](auto... made) { return Html{fmt::format(format, made...)}; }(safe(arguments)...);
}

}  // namespace mastobak::daemon::report
