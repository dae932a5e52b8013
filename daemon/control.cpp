// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/control.hpp"

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

}  // namespace

Control::Control(bus::Connection& connection, Actions actions)
    : actions_(std::move(actions)), object_(connection, api::path, api::interface) {
    object_.method("Start",
                   [this](const std::string&, const bus::Caller&) { return actions_.start(); });
    object_.method("Cancel", [this](const std::string&, const bus::Caller& caller) {
        actions_.cancel(caller.uid ? " by " + name_of_user(*caller.uid) : std::string());
        return std::string();
    });
    object_.method("Upload", [this](const std::string&, const bus::Caller&) {
        actions_.upload();
        return std::string();
    });
    object_.method("Prune", [this](const std::string& what, const bus::Caller&) {
        if (!what.empty() && what != "unsent")
            throw Error(Errc::usage, "Prune takes nothing, or 'unsent'");
        actions_.prune({.dry_run = false, .unsent = !what.empty()});
        return std::string();
    });
    object_.method("Drill", [this](const std::string& what, const bus::Caller&) {
        const auto object = nlohmann::json::parse(what, nullptr, false);
        if (!object.is_object()) throw Error(Errc::usage, "Drill takes an object as JSON");
        return actions_.drill({object.value("set", "latest"), object.value("from", "")});
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
