// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/setup/units_of_directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include "config/config.hpp"
#include "core/error.hpp"
#include "mastodon/unit_facts.hpp"

namespace mastobak::daemon {
namespace {

namespace fs = std::filesystem;

async::Task<std::string> value_of(units::UnitControl& control, std::string unit, std::string name) {
    const auto value = co_await control.property(std::move(unit), std::move(name));
    co_return value.value_or("");
}

/// Returns the directory that a unit runs in; empty when it has none of its own.
async::Task<fs::path> directory_of(units::UnitControl& control, std::string unit) {
    const auto property = co_await value_of(control, unit, "WorkingDirectory");
    if (property.empty()) co_return fs::path();
    const auto user = co_await value_of(control, unit, "User");
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

}  // namespace

async::Task<UnitsOfDirectory> units_of_directory(units::UnitControl& control, fs::path directory) {
    const std::vector<std::string> services{"*.service"};
    const auto all = co_await control.list(services);
    UnitsOfDirectory found;
    for (const auto& unit : all) {
        if (unit.name.starts_with("mastobak")) continue;
        const auto own = co_await directory_of(control, unit.name);
        if (own.empty() || !same(own, directory)) continue;
        const auto type = co_await value_of(control, unit.name, "Type");
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

}  // namespace mastobak::daemon
