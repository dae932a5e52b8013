// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/repack.hpp"

#include <algorithm>

namespace mastobak::store {
namespace {

double share(const PackReference& pack) {
    return static_cast<double>(pack.live.count) / static_cast<double>(pack.size.count);
}

}  // namespace

std::set<std::string> packs_to_repack(const std::vector<PackReference>& packs,
                                      const RepackLimits& limits) {
    std::vector<PackReference> poor;
    for (const auto& pack : packs)
        if (pack.size.count > 0 && share(pack) * 100 < limits.below) poor.push_back(pack);
    std::sort(poor.begin(), poor.end(), [](const auto& a, const auto& b) {
        return share(a) != share(b) ? share(a) < share(b) : a.name < b.name;
    });
    std::set<std::string> chosen;
    Bytes bytes;
    std::uint64_t members = 0;
    for (const auto& pack : poor) {
        if (bytes + pack.live > limits.bytes || members + pack.entries > limits.members) continue;
        bytes += pack.live;
        members += pack.entries;
        chosen.insert(pack.name);
    }
    return chosen;
}

}  // namespace mastobak::store
