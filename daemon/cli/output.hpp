// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "core/text.hpp"

/// All output of the program to a terminal, a pipe or systemd goes through these functions;
/// tests/unit/layers checks this. Names of tables, files, sets and remotes, and messages of servers
/// and other programs, are untrusted text. They must not move the cursor, set the title of the
/// window, change the direction of writing, or begin a new line. logging.cpp does the same for the
/// log.
namespace mastobak::daemon {

/// Makes an argument safe to print: numbers are unchanged, all else is made readable().
template <typename T>
auto harmless(const T& value) {
    if constexpr (std::is_same_v<T, char>)
        return readable(std::string_view(&value, 1));
    else if constexpr (std::is_arithmetic_v<T>)
        return value;
    else if constexpr (std::is_convertible_v<const T&, std::string_view>)
        return readable(value);
    else
        return readable(fmt::vformat("{}", fmt::make_format_args(value)));
}

template <typename... T>
using HarmlessFormat = fmt::format_string<decltype(harmless(std::declval<const T&>()))&...>;

/// Formats text. Line feeds can come only from the format, not from an argument.
template <typename... T>
std::string harmless_text(HarmlessFormat<T...> format, const T&... arguments) {
    return [&](auto... made) { return fmt::format(format, made...); }(harmless(arguments)...);
}

/// Writes to standard output. Throws std::system_error on failure.
void write_out(std::string_view text);
/// Writes to standard error. Errors are ignored, so that a closed terminal does not end the work.
void write_error(std::string_view text);

/// Returns whether the reader of standard output has closed the pipe (`| head`).
bool reader_is_gone();
/// Does the same as write_error(), but is async-signal-safe.
void write_error_in_handler(std::string_view text);

/// Prints to standard output. Throws as write_out().
template <typename... T>
void say(HarmlessFormat<T...> format, const T&... arguments) {
    write_out(harmless_text<T...>(format, arguments...));
}

/// Prints to standard error.
template <typename... T>
void say_error(HarmlessFormat<T...> format, const T&... arguments) {
    write_error(harmless_text<T...>(format, arguments...));
}

/// Prints an object and a line feed to standard output. Non-ASCII characters are escaped, see
/// dump().
/// \param indent -1 for all on one line
void say_json(const Json& json, int indent = 2);
/// Does the same for an object that keeps the order of its keys.
void say_document(const OrderedJson& document);

/// Returns the lines of a text, without their line feeds.
std::vector<std::string> lines_of(std::string_view text);

/// Makes each line of a text readable(), for text that a library composed (a help text, an error).
std::string harmless_lines(std::string_view text);

/// Wraps text at blanks to lines of at most `width` characters. Longer words are not broken.
std::string wrapped(std::string_view text, std::size_t width = 80);

enum class Terminal { output, error };
/// Replaces the progress line of a terminal by a text, without a line feed.
void show_line(Terminal terminal, std::string_view text);
/// Erases the progress line of a terminal.
void clear_line(Terminal terminal);

}  // namespace mastobak::daemon
