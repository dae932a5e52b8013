// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/remotes/removal_plan.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

#include "offsite/object_name.hpp"

namespace mastobak::offsite {

std::vector<std::string> ObjectsToRemove::names() const {
    std::vector<std::string> all;
    for (const auto& leaf : leaves)
        all.push_back(directory.empty() ? leaf : fmt::format("{}/{}", directory, leaf));
    return all;
}

std::vector<ObjectsToRemove> objects_to_remove(Remote& remote,
                                               const std::vector<std::string>& names,
                                               const std::stop_token& stop) {
    std::map<std::string, std::set<std::string>> wanted;
    for (const auto& name : names) {
        auto [directory, leaf] = split_name(name);
        wanted[std::move(directory)].insert(std::move(leaf));
    }
    std::vector<ObjectsToRemove> going;
    for (const auto& [directory, leaves] : wanted) {
        ObjectsToRemove objects{directory, {}, false};
        const auto there = remote.list(directory, stop);
        for (const auto& leaf : leaves)
            if (there.contains(leaf)) objects.leaves.push_back(leaf);
        // "media" and "sets" are part of the layout and stay even if empty.
        objects.empties =
            directory.find('/') != std::string::npos && objects.leaves.size() == there.size();
        if (!objects.leaves.empty()) going.push_back(std::move(objects));
    }
    return going;
}

}  // namespace mastobak::offsite
