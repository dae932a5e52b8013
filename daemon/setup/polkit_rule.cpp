// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/setup/polkit_rule.hpp"

#include <regex>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/json.hpp"
#include "daemon/cli/output.hpp"

namespace mastobak::daemon {
namespace {

/// The same as in 50-mastobak.rules.
bool package_permits(const std::string& unit) {
    static const std::regex usual(
        R"(mastodon-(web|sidekiq[A-Za-z0-9:_.@\\-]*|streaming[A-Za-z0-9:_.@\\-]*)\.service)");
    return std::regex_match(unit, usual);
}

}  // namespace

PolkitRule polkit_rule(const std::vector<std::string>& units, const Instance& instance) {
    auto names = Json::array();
    for (const auto& unit : units)
        if (!package_permits(unit)) names.push_back(unit);
    if (names.empty()) return {};
    return {
        instance.polkit_rule(),
        R"(// Written by `mastobak setup`: user mastobak may stop and start these units of Mastodon. See
// /usr/share/doc/mastobak/SANDBOXING.md.
polkit.addRule(function (action, subject) {
    var units = )" +
            names.dump() +
            R"(;
    if (action.id === "org.freedesktop.systemd1.manage-units" && subject.user === "mastobak" &&
        ["start", "stop", "restart", "kill"].indexOf(action.lookup("verb")) >= 0 &&
        units.indexOf(action.lookup("unit")) >= 0 &&
        !/transient/.test(action.lookup("polkit.message"))) {
        return polkit.Result.YES;
    }
    return polkit.Result.NOT_HANDLED;
});
)"};
}

void write_polkit_rule(const PolkitRule& rule) {
    if (rule.text.empty()) return;
    if (std::filesystem::exists(rule.file) && read_file(rule.file, Errc::environment) == rule.text)
        return;
    write_file(rule.file, rule.text, 0644, Errc::environment);
    say("wrote        {}\n", rule.file.native());
}

}  // namespace mastobak::daemon
