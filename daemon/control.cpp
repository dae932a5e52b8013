// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/control.hpp"

#include <fmt/format.h>
#include <pwd.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.hpp"
#include "daemon/api.hpp"
#include "daemon/json.hpp"

namespace mastobak::daemon {
namespace {

std::string name_of_user(uid_t uid) {
    const auto* entry = ::getpwuid(uid);
    return entry != nullptr ? std::string("user '") + entry->pw_name + "'"
                            : "uid " + std::to_string(uid);
}

/// The text of an option, or what it is without one.
std::string text_of(const nlohmann::json& object, const std::string& option, const char* without) {
    const auto found = object.find(option);
    if (found == object.end()) return without;
    if (!found->is_string())
        throw Error(Errc::usage, fmt::format("Drill: '{}' is of type {}, not a string", option,
                                             found->type_name()));
    return found->get<std::string>();
}

}  // namespace

DrillRequest drill_request_from(const std::string& argument) {
    const auto object = nlohmann::json::parse(argument, nullptr, false);
    if (!object.is_object()) throw Error(Errc::usage, "Drill takes an object as JSON");
    for (const auto& [option, value] : object.items())
        if (option != "set" && option != "from")
            throw Error(Errc::usage, fmt::format("Drill has no option '{}'", option),
                        "it has 'set' and 'from'");
    return {text_of(object, "set", "latest"), text_of(object, "from", "")};
}

backup::PruneOptions prune_options_from(const std::string& argument) {
    if (!argument.empty() && argument != "unsent")
        throw Error(Errc::usage, fmt::format("Prune has no option '{}'", argument),
                    "it takes nothing, or 'unsent'");
    return {.dry_run = false, .unsent = !argument.empty()};
}

Control::Control(bus::Connection& connection, Actions actions)
    : actions_(std::move(actions)), object_(connection, api::path, api::interface) {
    object_.method("Start",
                   [this](const std::string&, const bus::Caller&) { return actions_.start(); });
    object_.method("DryRun",
                   [this](const std::string&, const bus::Caller&) { return actions_.dry_run(); });
    object_.method("Cancel", [this](const std::string&, const bus::Caller& caller) {
        actions_.cancel(caller.uid ? " by " + name_of_user(*caller.uid) : std::string());
        return std::string();
    });
    object_.method("Upload", [this](const std::string&, const bus::Caller&) {
        actions_.upload();
        return std::string();
    });
    object_.method("Prune", [this](const std::string& what, const bus::Caller&) {
        actions_.prune(prune_options_from(what));
        return std::string();
    });
    object_.method("Drill", [this](const std::string& what, const bus::Caller&) {
        return actions_.drill(drill_request_from(what));
    });
    object_.method("Added", [this](const std::string& set, const bus::Caller&) {
        if (!parse_set_name(set)) throw Error(Errc::usage, "'" + set + "' is no name of a set");
        actions_.added(set);
        return std::string();
    });
    object_.property("State", [this] { return dump(to_json(actions_.state())); });
    object_.signal("Finished");
    object_.publish();
    connection.request_name(api::name);
}

void Control::finished(const RunRecord& record) {
    object_.emit("Finished", dump(to_json(record)));
}

}  // namespace mastobak::daemon
