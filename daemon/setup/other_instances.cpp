// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/setup/other_instances.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "core/contains.hpp"
#include "core/error.hpp"
#include "core/instance.hpp"
#include "daemon/cli/with_systemd.hpp"
#include "units/container_name.hpp"

namespace mastobak::daemon {
namespace {

/// Returns the patterns of units of systemd.
std::vector<std::string> unit_patterns_of(const config::Config& config) {
    auto patterns = config.mastodon.units;
    std::erase_if(patterns, [](const auto& pattern) { return units::names_containers(pattern); });
    return patterns;
}

async::Task<> list_names(units::UnitControl& control, std::vector<std::string> patterns,
                         std::vector<std::string>& names) {
    const auto units = co_await control.list(std::move(patterns));
    for (const auto& unit : units) names.push_back(unit.name);
}

std::vector<std::string> units_of(const config::Config& config) {
    std::vector<std::string> names;
    const auto patterns = unit_patterns_of(config);
    if (patterns.empty()) return names;
    with_systemd(config.instance,
                 [&](units::UnitControl& control) { return list_names(control, patterns, names); });
    return names;
}

}  // namespace

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
