// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/control.hpp"

#include <utility>

#include "core/process/accounts.hpp"
#include "daemon/api.hpp"
#include "daemon/records/json.hpp"

namespace mastobak::daemon {
namespace {

std::string name_of_user(uid_t uid) {
    const auto account = account_of(uid);
    return account ? "user '" + account->name + "'" : "uid " + std::to_string(uid);
}

}  // namespace

Control::Control(bus::Connection& connection, const Instance& instance, Actions actions)
    : actions_(std::move(actions)), object_(connection, api::path, api::interface) {
    object_.method("Start", [this](const std::string& what, const bus::Caller&) {
        return actions_.start(note_from(what));
    });
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
        actions_.added(added_set_from(set));
        return std::string();
    });
    object_.method("Ran", [this](const std::string& id, const bus::Caller&) {
        actions_.ran(id);
        return std::string();
    });
    object_.method("NotifyTest", [this](const std::string& target, const bus::Caller&) {
        return actions_.notify_test(target);
    });
    object_.property("LastNotifyTest",
                     [this] { return dump(to_json(actions_.last_notify_test())); });
    object_.property("State", [this] { return dump(to_json(actions_.state())); });
    object_.signal("Finished");
    object_.publish();
    connection.request_name(instance.bus_name());
}

void Control::finished(const RunRecord& record) {
    object_.emit("Finished", dump(to_json(record)));
}

}  // namespace mastobak::daemon
