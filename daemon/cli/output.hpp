// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/readable.hpp"

/// All that the program writes to a terminal, a pipe or systemd goes through here; a test of the
/// layers refuses any other way. The names of tables, files, sets and remotes, and what servers
/// and programs have said, are other people's text: none of it moves a cursor, names a window,
/// turns the direction of writing round, or begins a line of its own. The log has the same in
/// logging.cpp.
namespace mastobak::daemon {

/// What takes an argument's place in a line: numbers as they are, all else readable().
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

/// Text of which the format alone has line feeds.
template <typename... T>
std::string harmless_text(HarmlessFormat<T...> format, const T&... arguments) {
    return [&](auto... made) { return fmt::format(format, made...); }(harmless(arguments)...);
}

/// Throws std::system_error when standard output takes nothing.
void write_out(std::string_view text);
/// A terminal that is gone ends no work: what cannot be written is lost.
void write_error(std::string_view text);

/// Whether the reader of standard output has gone away (`| head`).
bool reader_is_gone();
/// The same as write_error() for a signal handler, where little else is allowed.
void write_error_in_handler(std::string_view text);

/// To standard output. Throws as write_out().
template <typename... T>
void say(HarmlessFormat<T...> format, const T&... arguments) {
    write_out(harmless_text<T...>(format, arguments...));
}

/// To standard error.
template <typename... T>
void say_error(HarmlessFormat<T...> format, const T&... arguments) {
    write_error(harmless_text<T...>(format, arguments...));
}

/// An object and a line feed to standard output; what is not ASCII is escaped, see dump().
/// \param indent -1 for all on one line
void say_json(const nlohmann::json& json, int indent = 2);
/// The same of one that keeps its order.
void say_document(const nlohmann::ordered_json& document);

/// Several lines that a library has put together (a help, a complaint): each is made readable().
std::string harmless_lines(std::string_view text);

/// Lines of at most this many characters, broken at blanks; what is longer than that stays.
std::string wrapped(std::string_view text, std::size_t width = 80);

/// Progress on a terminal: replaces the line, which gets no end, or takes it away.
enum class Terminal { output, error };
void show_line(Terminal terminal, std::string_view text);
void clear_line(Terminal terminal);

}  // namespace mastobak::daemon
