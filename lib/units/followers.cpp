// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/followers.hpp"

#include <algorithm>
#include <sstream>

namespace mastobak::units {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// With what follows those that follow.
std::vector<std::string> all_that_follow(const std::string& name, const Followers& direct) {
    std::vector<std::string> all{name};
    for (std::size_t i = 0; i < all.size(); ++i)
        if (const auto next = direct.find(all[i]); next != direct.end())
            for (const auto& follower : next->second)
                if (!contains(all, follower)) all.push_back(follower);
    all.erase(all.begin());
    return all;
}

}  // namespace

async::Task<Followers> find_followers(UnitControl& control, std::vector<std::string> running) {
    Followers direct;
    for (const auto& name : running) {
        // Source: systemd.unit(5): what these name takes the unit along when it stops.
        for (const auto* relation : {"PartOf", "Requires", "BindsTo", "StopPropagatedFrom"}) {
            const auto others = co_await control.property(name, relation);
            std::istringstream lines(others.value_or(""));
            for (std::string other; std::getline(lines, other);) direct[other].push_back(name);
        }
    }
    Followers followers;
    for (const auto& name : running) followers[name] = all_that_follow(name, direct);
    co_return followers;
}

}  // namespace mastobak::units
