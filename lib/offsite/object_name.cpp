// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/object_name.hpp"

#include <fmt/format.h>

#include <cstddef>

#include "core/error.hpp"

namespace mastobak::offsite {
namespace {

constexpr std::string_view alphanumeric =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr std::string_view alphabet =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

bool is_component(std::string_view part) {
    return !part.empty() && alphanumeric.find(part.front()) != std::string_view::npos &&
           part.find_first_not_of(alphabet) == std::string_view::npos;
}

}  // namespace

SplitName split_name(std::string_view name) {
    if (!is_object_name(name))
        throw Error(Errc::internal, fmt::format("'{}' is not the name of an object", name));
    const auto slash = name.rfind('/');
    if (slash == std::string_view::npos) return {"", std::string(name)};
    return {std::string(name.substr(0, slash)), std::string(name.substr(slash + 1))};
}

bool is_object_name(std::string_view name) {
    for (std::size_t begin = 0; begin != std::string_view::npos;) {
        const auto slash = name.find('/', begin);
        if (!is_component(name.substr(begin, slash - begin))) return false;
        begin = slash == std::string_view::npos ? slash : slash + 1;
    }
    return true;
}

bool is_shared(std::string_view object) {
    return object.starts_with("media/") || object.starts_with("database/");
}

std::string below(const std::string& target, std::string_view path) {
    if (path.empty()) return target;
    const bool closed = target.ends_with('/') || target.ends_with(':');
    return fmt::format("{}{}{}", target, closed ? "" : "/", path);
}

bool is_there(const Object& object, const std::optional<RemoteObject>& found,
              const std::string& remote) {
    if (!found) return false;
    if (found->size == object.size && found->hash != RemoteObject::Hash::different) return true;
    const auto difference =
        found->size == object.size
            ? std::string("of the same size, but with different contents")
            : fmt::format("of {} instead of {} bytes", found->size.count, object.size.count);
    throw Error(Errc::offsite,
                fmt::format("cannot upload '{}' to the remote '{}': an object of that name already "
                            "exists there, {}",
                            object.name, remote, difference),
                "it was left as it is; if two hosts share that target, give each its own, "
                "otherwise look at it and move it away");
}

}  // namespace mastobak::offsite
