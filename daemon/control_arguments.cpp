// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/control_arguments.hpp"

#include <fmt/format.h>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/json.hpp"

namespace mastobak::daemon {
namespace {

/// Returns the text of an option; `without` when the option is not given.
std::string text_of(const Json& object, const std::string& option, const char* without) {
    const auto found = object.find(option);
    if (found == object.end()) return without;
    if (!found->is_string())
        throw Error(Errc::usage, fmt::format("Drill: '{}' is of type {}, not a string", option,
                                             found->type_name()));
    return found->get<std::string>();
}

}  // namespace

DrillRequest drill_request_from(const std::string& argument) {
    const auto object = Json::parse(argument, nullptr, false);
    if (!object.is_object()) throw Error(Errc::usage, "Drill takes an object as JSON");
    for (const auto& [option, value] : object.items())
        if (option != "set" && option != "from" && option != "explain")
            throw Error(Errc::usage, fmt::format("Drill has no option '{}'", option),
                        "it has 'set', 'from' and 'explain'");
    const auto explain = object.value("explain", Json(false));
    if (!explain.is_boolean())
        throw Error(Errc::usage, fmt::format("Drill: 'explain' is of type {}, not a boolean",
                                             explain.type_name()));
    return {.set = text_of(object, "set", "latest"),
            .from = text_of(object, "from", ""),
            .explain = explain.get<bool>()};
}

backup::PruneOptions prune_options_from(const std::string& argument) {
    if (!argument.empty() && argument != "unsent")
        throw Error(Errc::usage, fmt::format("Prune has no option '{}'", argument),
                    "it takes nothing, or 'unsent'");
    return {.dry_run = false, .unsent = !argument.empty()};
}

std::string added_set_from(const std::string& argument) {
    if (!parse_set_name(argument))
        throw Error(Errc::usage, fmt::format("'{}' is not the name of a set", argument));
    return argument;
}

}  // namespace mastobak::daemon
