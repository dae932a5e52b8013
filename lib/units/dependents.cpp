// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/dependents.hpp"

#include <algorithm>
#include <sstream>

#include "core/contains.hpp"

namespace mastobak::units {
namespace {

/// Returns the direct dependents and their dependents, and so on.
std::vector<std::string> all_that_follow(const std::string& name, const Dependents& direct) {
    std::vector<std::string> all{name};
    for (std::size_t i = 0; i < all.size(); ++i)
        if (const auto next = direct.find(all[i]); next != direct.end())
            for (const auto& dependent : next->second)
                if (!contains(all, dependent)) all.push_back(dependent);
    all.erase(all.begin());
    return all;
}

}  // namespace

async::Task<Dependents> find_dependents(UnitControl& control, std::vector<std::string> running) {
    Dependents direct;
    for (const auto& name : running) {
        // Source: systemd.unit(5). When a unit that one of these properties names stops, this unit
        // stops, too.
        for (const auto* relation : {"PartOf", "Requires", "BindsTo", "StopPropagatedFrom"}) {
            const auto others = co_await control.property(name, relation);
            std::istringstream lines(others.value_or(""));
            for (std::string other; std::getline(lines, other);) direct[other].push_back(name);
        }
    }
    Dependents dependents;
    for (const auto& name : running) dependents[name] = all_that_follow(name, direct);
    co_return dependents;
}

}  // namespace mastobak::units
