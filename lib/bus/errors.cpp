// SPDX-License-Identifier: GPL-3.0-or-later
#include "bus/errors.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <optional>

namespace mastobak::bus {
namespace {

constexpr std::string_view prefix = "org.mastobak.Error.";
constexpr std::string_view hint_mark = "; hint: ";

// Error names from the D-Bus specification, and names that libsystemd makes from an errno.
constexpr std::array<std::string_view, 16> unavailable{
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.NoReply",
    "org.freedesktop.DBus.Error.NoServer",
    "org.freedesktop.DBus.Error.Timeout",
    "org.freedesktop.DBus.Error.TimedOut",
    "org.freedesktop.DBus.Error.Disconnected",
    "org.freedesktop.DBus.Error.NoNetwork",
    "org.freedesktop.DBus.Error.FileNotFound",
    "org.freedesktop.DBus.Error.IOError",
    "System.Error.ENOTCONN",
    "System.Error.ECONNRESET",
    "System.Error.ECONNREFUSED",
    "System.Error.EPIPE",
    "System.Error.ENOENT",
    "System.Error.ESTALE",
};

constexpr std::array<std::string_view, 6> denied{
    "org.freedesktop.DBus.Error.AccessDenied",
    "org.freedesktop.DBus.Error.AuthFailed",
    "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired",
    "org.freedesktop.PolicyKit1.Error.NotAuthorized",
    "System.Error.EPERM",
    "System.Error.EACCES",
};

std::optional<Errc> code_of(std::string_view name) {
    if (!name.starts_with(prefix)) return {};
    name.remove_prefix(prefix.size());
    return parse_errc(name);
}

/// Returns a short reason instead of D-Bus's own messages, which are meant for programmers: they
/// list service files, possible causes of a missing reply, or the policy rule and the whole
/// message.
std::string reason_of(std::string_view name, const std::string& text) {
    constexpr std::string_view of_bus = "org.freedesktop.DBus.Error.";
    if (name.starts_with(of_bus)) {
        const auto kind = name.substr(of_bus.size());
        if (kind == "ServiceUnknown" || kind == "NameHasNoOwner") return "it is not running";
        if (kind == "NoReply" || kind == "Timeout" || kind == "TimedOut")
            return "it did not answer";
        if (kind == "InteractiveAuthorizationRequired") return "this user may not ask it";
    }
    if (text.starts_with("Rejected send message")) return "this user may not ask it";
    return text.empty() ? std::string(name) : text;
}

}  // namespace

bool is_unavailable(std::string_view name) {
    return std::find(unavailable.begin(), unavailable.end(), name) != unavailable.end() ||
           name.starts_with("org.freedesktop.DBus.Error.Spawn.");
}

bool is_denied(std::string_view name) {
    return std::find(denied.begin(), denied.end(), name) != denied.end();
}

Error translate(std::string_view doing, const std::string& name, const std::string& text,
                Errc otherwise) {
    if (const auto code = code_of(name)) {
        // The daemon sent a complete Error, with its text and its hint.
        const auto mark = text.find(hint_mark);
        if (mark == std::string::npos) return Error(*code, text);
        return Error(*code, text.substr(0, mark), text.substr(mark + hint_mark.size()));
    }
    auto why = reason_of(name, text);
    while (!why.empty() && (why.back() == '.' || why.back() == '\n')) why.pop_back();
    const auto code = is_denied(name)        ? Errc::denied
                      : is_unavailable(name) ? Errc::unavailable
                                             : otherwise;
    return Error(code, std::string(doing) + ": " + why);
}

Error translate(std::string_view doing, const sdbus::Error& error, Errc otherwise) {
    return translate(doing, std::string(error.getName()), error.getMessage(), otherwise);
}

sdbus::Error current_as_dbus_error() {
    const auto error = as_error(std::current_exception());
    return compat::error(std::string(prefix) + std::string(to_string(error.code())), error.what());
}

}  // namespace mastobak::bus
