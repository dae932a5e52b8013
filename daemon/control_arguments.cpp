// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/control_arguments.hpp"

#include <fmt/format.h>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/json.hpp"
#include "store/formats/manifest.hpp"
#include "store/formats/manifest_facts.hpp"

namespace mastobak::daemon {
namespace {

/// Returns the text of an option; `without` when the option is not given.
/// \param method name of the method, used in messages
std::string text_of(const Json& object, const char* method, const std::string& option,
                    const char* without) {
    const auto found = object.find(option);
    if (found == object.end()) return without;
    if (!found->is_string())
        throw Error(Errc::usage, fmt::format("{}: '{}' is of type {}, not a string", method, option,
                                             found->type_name()));
    return found->get<std::string>();
}

}  // namespace

void check_note(const std::string& note) {
    const auto problem = store::problem_of_note(note);
    if (!problem.empty())
        throw Error(Errc::usage, "the note " + problem, "a note is one line of text");
}

std::string note_from(const std::string& argument) {
    if (argument.empty()) return {};
    const auto object = Json::parse(argument, nullptr, false);
    if (!object.is_object()) throw Error(Errc::usage, "Start takes nothing, or an object as JSON");
    for (const auto& [option, value] : object.items())
        if (option != "note")
            throw Error(Errc::usage, fmt::format("Start has no option '{}'", option),
                        "it has 'note'");
    auto note = text_of(object, "Start", "note", "");
    check_note(note);
    return note;
}

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
    return {.set = text_of(object, "Drill", "set", "latest"),
            .from = text_of(object, "Drill", "from", ""),
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
