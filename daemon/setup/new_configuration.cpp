// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/setup/new_configuration.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "backup/instance_facts.hpp"
#include "backup/plan.hpp"
#include "config/config.hpp"
#include "config/load.hpp"
#include "core/contains.hpp"
#include "core/error.hpp"
#include "core/instance.hpp"
#include "daemon/backups/with_systemd.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/setup/answers.hpp"
#include "daemon/setup/compose_configuration.hpp"
#include "daemon/setup/compose_project.hpp"
#include "daemon/setup/database_role.hpp"
#include "daemon/setup/polkit_rule.hpp"
#include "mastodon/database_settings.hpp"
#include "mastodon/instance.hpp"
#include "mastodon/unit_facts.hpp"
#include "media/tree/media_root.hpp"
#include "units/container_name.hpp"

namespace mastobak::daemon {
namespace {

namespace fs = std::filesystem;

/// Returns the names of the loaded units that match.
std::vector<std::string> loaded_units(const Instance& instance,
                                      const std::vector<std::string>& patterns) {
    std::vector<std::string> names;
    if (patterns.empty()) return names;
    const auto units =
        with_systemd(instance, [&](units::UnitControl& control) { return control.list(patterns); });
    for (const auto& unit : units) names.push_back(unit.name);
    return names;
}

/// Returns the units of systemd that an instance stops.
std::vector<std::string> units_of(const config::Config& config) {
    auto patterns = config.mastodon.units;
    std::erase_if(patterns, [](const auto& pattern) { return units::names_containers(pattern); });
    return loaded_units(config.instance, patterns);
}

/// The units of the Mastodon in a directory.
struct UnitsOfDirectory {
    /// In the order in which they are stopped: web, streaming, others, sidekiq.
    std::vector<units::Unit> units{};
    /// Whether mastodon.units needs these names: the usual names would mean other units, too, or
    /// not all of these.
    bool named = false;
};

/// Returns the directory that a unit runs in; empty when it has none of its own.
async::Task<fs::path> directory_of(units::UnitControl& control, std::string unit) {
    const auto property = co_await units::value_of(control, unit, "WorkingDirectory");
    if (property.empty()) co_return fs::path();
    const auto user = co_await units::value_of(control, unit, "User");
    co_return mastodon::parse_working_directory(property, mastodon::parse_user(user));
}

bool same(const fs::path& one, const fs::path& other) {
    std::error_code ignored;
    return one == other || fs::equivalent(one, other, ignored);
}

/// The place of a unit in the order of the stops.
std::size_t place_of(const std::string& name) {
    constexpr std::array<std::string_view, 2> first{"web", "streaming"};
    for (std::size_t i = 0; i < first.size(); ++i)
        if (name.find(first[i]) != std::string::npos) return i;
    return first.size() + (name.find("sidekiq") != std::string::npos ? 1 : 0);
}

bool has_unit(const std::vector<units::Unit>& units, const std::string& name) {
    return std::ranges::find(units, name, &units::Unit::name) != units.end();
}

/// Returns the loaded services that run in a directory, except those that run once (`Type=oneshot`).
/// When there are none, returns the units with Mastodon's usual names.
/// Throws Error{environment} when all units with these names run in another directory.
async::Task<UnitsOfDirectory> units_of_directory(units::UnitControl& control, fs::path directory) {
    const std::vector<std::string> services{"*.service"};
    const auto all = co_await control.list(services);
    UnitsOfDirectory found;
    for (const auto& unit : all) {
        if (unit.name.starts_with("mastobak")) continue;
        const auto own = co_await directory_of(control, unit.name);
        if (own.empty() || !same(own, directory)) continue;
        const auto type = co_await units::value_of(control, unit.name, "Type");
        if (type != "oneshot") found.units.push_back(unit);
    }
    std::ranges::stable_sort(found.units, {},
                             [](const units::Unit& unit) { return place_of(unit.name); });
    const auto patterns = config::Mastodon().units;
    const auto usual = co_await control.list(patterns);
    if (!found.units.empty()) {
        found.named =
            usual.size() != found.units.size() || std::ranges::any_of(usual, [&](const auto& unit) {
                return !has_unit(found.units, unit.name);
            });
        co_return found;
    }
    for (const auto& unit : usual) {
        const auto own = co_await directory_of(control, unit.name);
        if (own.empty()) continue;
        throw Error(Errc::environment,
                    fmt::format("no loaded unit runs in '{}': '{}' runs in '{}'",
                                directory.native(), unit.name, own.native()),
                    "its units are those whose WorkingDirectory= is that directory; start them "
                    "first");
    }
    found.units = usual;
    co_return found;
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
async::Task<FoundUnits> find(units::UnitControl& control, fs::path directory) {
    FoundUnits found;
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
    if (!chosen.named) co_return found;
    for (const auto& unit : chosen.units) found.names.push_back(unit.name);
    say("             its units are {}\n", fmt::join(found.names, ", "));
    co_return found;
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
    const auto units = loaded_units(instance, config::Mastodon().units);
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
    const auto found =
        with_systemd(instance, [&](units::UnitControl& control) { return find(control, place); });
    // The role that setup creates does not need Mastodon's password.
    auto unknowns = found.instance.unknowns;
    unknowns.erase("DB_PASS");
    const auto database = mastodon::database_settings(found.instance.environment, unknowns);
    const auto socket = let_role_in(database);
    return {.text = configuration(found, socket), .rule = polkit_rule(found.names, instance)};
}

void check_other_instances(const config::Config& config) {
    const auto others = configured_instances();
    if (others.empty()) return;
    const auto own = units_of(config);
    for (const auto& instance : others) {
        if (instance == config.instance) continue;
        const auto other = config::load(instance.configuration(), instance).config;
        const auto& project = config.mastodon.compose.project;
        if (!project.empty() && other.mastodon.compose.project == project)
            throw Error(
                Errc::config,
                fmt::format("'{}' has the project '{}' already", other.source.native(), project),
                "an instance is needed once: mastobak status --all");
        for (const auto& unit : units_of(other))
            if (contains(own, unit))
                throw Error(Errc::config,
                            fmt::format("'{}' stops '{}' as well", other.source.native(), unit),
                            fmt::format("name only its own units in mastodon.units there; '{} "
                                        "setup --force --directory DIR' does that",
                                        instance.command()));
    }
}

}  // namespace mastobak::daemon
