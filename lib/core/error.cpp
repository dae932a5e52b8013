// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/readable.hpp"

namespace mastobak {
namespace {

/// What programs and libraries say has several lines; names were made readable before.
std::string one_line(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    return readable(text);
}

std::string_view usual_hint(Errc code) {
    switch (code) {
        case Errc::internal:
            return "this is a defect of mastobak: please report it, with 'journalctl -u mastobak'";
        case Errc::config:
        case Errc::environment:
            return "'mastobak check-config' looks at all that a backup needs";
        case Errc::busy:
            return "'mastobak status' shows what goes on";
        case Errc::units:
            return "'systemctl status' of that unit and 'journalctl -u' of it tell more";
        case Errc::database:
            return "PostgreSQL's log tells more; 'mastobak check-config' tries the connection";
        case Errc::media:
            return "is the file system of the media mounted and whole? 'findmnt', 'journalctl -k'";
        case Errc::staging:
            return "is there room, and may the user 'mastobak' write there? 'df', and "
                   "ReadWritePaths= of the unit";
        case Errc::corrupt:
            return "'mastobak verify --all' tells which sets are good";
        case Errc::offsite:
            return "'mastobak check-config' tries each remote; what is queued is tried again";
        case Errc::unavailable:
            return "'systemctl status mastobak' tells whether the daemon runs";
        case Errc::denied:
            return "root and the group 'mastobak' may do that";
        case Errc::usage:
        case Errc::cancelled:
            return {};
        case Errc::shutdown:
            return "the next start of mastobak makes up for it (schedule.catch_up)";
    }
    return {};
}

}  // namespace

std::string_view to_string(Errc code) {
    switch (code) {
        case Errc::internal:
            return "internal";
        case Errc::usage:
            return "usage";
        case Errc::config:
            return "config";
        case Errc::busy:
            return "busy";
        case Errc::cancelled:
            return "cancelled";
        case Errc::environment:
            return "environment";
        case Errc::shutdown:
            return "shutdown";
        case Errc::units:
            return "units";
        case Errc::database:
            return "database";
        case Errc::media:
            return "media";
        case Errc::staging:
            return "staging";
        case Errc::corrupt:
            return "corrupt";
        case Errc::offsite:
            return "offsite";
        case Errc::unavailable:
            return "unavailable";
        case Errc::denied:
            return "denied";
    }
    return "internal";
}

Error::Error(Errc code, std::string text, std::string hint)
    : code_(code), text_(one_line(std::move(text))), hint_(one_line(std::move(hint))) {
    what_ = hint_.empty() ? text_ : fmt::format("{}; hint: {}", text_, hint_);
}

Error hinted(const Error& error) {
    return error.hint().empty()
               ? Error(error.code(), error.text(), std::string(usual_hint(error.code())))
               : error;
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
