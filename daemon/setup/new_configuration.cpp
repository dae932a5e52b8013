// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/setup/new_configuration.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "backup/instance_facts.hpp"
#include "backup/plan.hpp"
#include "core/error.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/with_systemd.hpp"
#include "daemon/setup/compose_configuration.hpp"
#include "daemon/setup/compose_project.hpp"
#include "daemon/setup/database_role.hpp"
#include "daemon/setup/polkit_rule.hpp"
#include "daemon/setup/units_of_directory.hpp"
#include "daemon/setup/yaml_string.hpp"
#include "mastodon/instance.hpp"
#include "media/tree/media_root.hpp"

namespace mastobak::daemon {
namespace {

namespace fs = std::filesystem;

/// The names of loaded units that look like Mastodon's.
async::Task<> list_units(units::UnitControl& control, std::vector<std::string>& names) {
    const auto patterns = config::Mastodon().units;
    const auto units = co_await control.list(patterns);
    for (const auto& unit : units) names.push_back(unit.name);
}

/// Mastodon's units, and where they run.
struct FoundUnits {
    mastodon::Instance instance{};
    /// For mastodon.units; empty: the default finds them.
    std::vector<std::string> names{};
};

/// Returns the error with a hint that names an option, because there is no configuration yet.
Error with_hint_for_setup(const Error& error) {
    if (error.hint().find("mastodon.directory") == std::string::npos) return error;
    return Error(error.code(), error.text(),
                 "mastobak setup --directory DIR, where DIR has Mastodon's .env.production; a "
                 "Mastodon in containers is found when its engine runs and its containers exist");
}

/// \param directory empty: that of the units with the usual names
async::Task<> find(units::UnitControl& control, fs::path directory, FoundUnits& found) {
    UnitsOfDirectory chosen;
    if (directory.empty()) {
        const auto patterns = config::Mastodon().units;
        chosen.units = co_await control.list(patterns);
    } else {
        chosen = co_await units_of_directory(control, directory);
    }
    const auto facts = co_await backup::unit_facts(control, chosen.units);
    say("units        {} loaded\n", chosen.units.size());
    try {
        found.instance = mastodon::find_instance(directory, {}, facts);
    } catch (const Error& error) {
        throw Error(with_hint_for_setup(error));
    }
    say("mastodon     {}\n", found.instance.directory.native());
    if (!chosen.named) co_return;
    for (const auto& unit : chosen.units) found.names.push_back(unit.name);
    say("             its units are {}\n", fmt::join(found.names, ", "));
}

/// Returns the media directory for the configuration. Returns nullopt, and prints the reason, when
/// it cannot be opened or does not belong to Mastodon's user: for media.path, its owner would not
/// be checked.
std::optional<fs::path> media_to_name(const mastodon::Instance& instance) {
    const auto root = mastodon::media_root(instance);
    try {
        static_cast<void>(media::open_root(root, backup::media_owners({}, instance)));
        return root;
    } catch (const Error& error) {
        say("media        is not named in the configuration: {}\n", error.text());
        return std::nullopt;
    }
}

constexpr auto head =
    "# Written by `mastobak setup` with what it found on this host. Every key is described in\n"
    "# mastobak.yaml(5) and in /usr/share/doc/mastobak/mastobak.yaml; what is not set here\n"
    "# has its default.\n\n";
constexpr auto foot =
    "\n# Where copies go; see the README for rclone, crypt remotes and rsync.\n"
    "# offsite:\n#   - name: disk\n#     type: directory\n#     target: /mnt/disk/mastobak\n";

std::string configuration(const FoundUnits& found, const std::optional<std::string>& socket) {
    const auto& instance = found.instance;
    std::string text = head;
    text += fmt::format("mastodon:\n  directory: {}\n", yaml_string(instance.directory.native()));
    if (!found.names.empty()) text += "  units:\n";
    for (const auto& name : found.names) text += fmt::format("    - {}\n", yaml_string(name));
    if (socket)
        text += fmt::format("\ndatabase:\n  host: {}\n  user: {}\n", yaml_string(*socket),
                            database_role);
    // With this key, root decides where a restore writes, and not a file of Mastodon's user.
    if (!mastodon::object_store(instance.environment, instance.unknowns)) {
        if (const auto root = media_to_name(instance))
            text += fmt::format("\nmedia:\n  path: {}\n", yaml_string(root->native()));
    } else {
        text +=
            "\n# The media is in an object store: back that up by other means.\n"
            "media:\n  elsewhere: true\n";
    }
    return text + foot;
}

std::string configuration_of(const EngineProject& chosen, const std::string& directory) {
    auto made = compose_configuration(chosen, directory);
    if (let_role_into_container(made.database, made.database_place, made.superuser))
        made.text += fmt::format("\ndatabase:\n  user: {}\n", database_role);
    return head + made.text + foot;
}

/// Returns the project to configure; nullopt: units.
std::optional<EngineProject> project_to_use(const WantedMastodon& wanted, const Instance& instance,
                                            bool may_ask) {
    // A directory alone is that of an instance of units.
    if (!wanted.directory.empty() && !wanted.in_containers()) return std::nullopt;
    std::vector<std::string> units;
    with_systemd(instance, [&](units::UnitControl& control) { return list_units(control, units); });
    return choose_project(look_at_engines(engine_sockets()), wanted, units, may_ask);
}

}  // namespace

NewConfiguration new_configuration(const WantedMastodon& wanted, const Instance& instance,
                                   bool may_ask) {
    if (instance.has_name() && wanted.empty())
        throw Error(Errc::usage,
                    fmt::format("which Mastodon is that of the instance '{}'?", instance.name()),
                    "--directory DIR names the directory of one with units, --project NAME or "
                    "--compose FILE one in containers");
    const auto place =
        wanted.directory.empty() ? fs::path() : fs::absolute(wanted.directory).lexically_normal();
    if (const auto project = project_to_use(wanted, instance, may_ask))
        return {.text = configuration_of(*project, place.native())};
    FoundUnits found;
    with_systemd(instance,
                 [&](units::UnitControl& control) { return find(control, place, found); });
    // The role that setup creates does not need Mastodon's password.
    auto unknowns = found.instance.unknowns;
    unknowns.erase("DB_PASS");
    const auto database = mastodon::database_settings(found.instance.environment, unknowns);
    const auto socket = let_role_in(database);
    return {.text = configuration(found, socket), .rule = polkit_rule(found.names, instance)};
}

}  // namespace mastobak::daemon
