// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/text.hpp"

namespace mastobak {
namespace {

/// Joins the lines of a text, because texts of programs and libraries may have several.
std::string one_line(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    return readable(text);
}

}  // namespace

Errc parse_errc(std::string_view name) {
    const auto known = std::ranges::find(error_kinds, name, &ErrorKind::name);
    return known == error_kinds.end() ? Errc::internal : known->code;
}

Error::Error(Errc code, std::string text, std::string hint)
    : code_(code), text_(one_line(std::move(text))), hint_(one_line(std::move(hint))) {
    what_ = hint_.empty() ? text_ : fmt::format("{}; hint: {}", text_, hint_);
}

Error Error::for_person() const {
    auto marked = *this;
    marked.needs_person_ = true;
    return marked;
}

Error hinted(const Error& error) {
    if (!error.hint().empty()) return error;
    const Error with_hint(error.code(), error.text(), std::string(kind_of(error.code()).hint));
    return error.needs_person() ? with_hint.for_person() : with_hint;
}

Error errno_error(Errc code, std::string_view doing, int error, std::string hint) {
    return Error(code, fmt::format("cannot {}: {}", doing, std::generic_category().message(error)),
                 std::move(hint));
}

std::string describe(const std::exception& error) {
    std::string text = error.what();
    try {
        std::rethrow_if_nested(error);
    } catch (const std::exception& nested) {
        text += ": " + describe(nested);
    } catch (...) {
        text += ": unknown exception";
    }
    return one_line(std::move(text));
}

std::string describe(std::exception_ptr error) {
    return as_error(std::move(error)).what();
}

Error as_error(std::exception_ptr error) {
    try {
        std::rethrow_exception(std::move(error));
    } catch (const Error& e) {
        return e;
    } catch (const std::exception& e) {
        return Error(Errc::internal, describe(e));
    } catch (...) {
        return Error(Errc::internal, "unknown exception");
    }
}

}  // namespace mastobak
