// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/retention/repack.hpp"

#include <algorithm>
#include <tuple>

#include "store/retention/usage.hpp"

namespace mastobak::store {
namespace {

/// In percent of the live bytes. The project's bar is a half; the difference is for members that
/// are in two packs for some days.
constexpr std::uint64_t most_dead = 33;
/// A tar ends with two blocks of zeros, which every pack has and no set needs.
constexpr std::uint64_t archive_end = 1024;

struct Pack {
    std::string name;
    std::uint64_t entries = 0;
    std::uint64_t needed = 0;  ///< bytes that the newest set needs
    std::uint64_t dead = 0;    ///< bytes that no set needs
    double share = 0;          ///< part of the pack that the newest set needs, from 0 to 1
};

}  // namespace

std::set<std::string> packs_to_repack(const std::vector<Manifest>& manifests,
                                      const RepackLimits& limits) {
    std::set<std::string> chosen;
    if (manifests.empty() || limits.below == 0) return chosen;
    const auto lives = life_of_packs(manifests);
    std::uint64_t live = 0;
    for (const auto& [name, life] : lives) live += life.live.count;

    // Packs that only older sets need disappear with these sets; repacking cannot free their bytes.
    std::vector<Pack> packs;
    std::uint64_t dead = 0;
    for (const auto& reference : manifests.back().media.packs) {
        const auto& life = lives.at(reference.name);
        if (life.size.count <= archive_end) continue;
        const auto size = life.size.count - archive_end;
        packs.push_back({reference.name, reference.entries, life.newest.count,
                         size - std::min(size, life.live.count),
                         static_cast<double>(life.newest.count) / static_cast<double>(size)});
        dead += packs.back().dead;
    }
    std::ranges::sort(packs, {}, [](const Pack& pack) { return std::tie(pack.share, pack.name); });

    std::uint64_t bytes = 0;
    std::uint64_t members = 0;
    for (const auto& pack : packs) {
        const bool crowded = dead * 100 > live * most_dead;
        if (pack.share * 100 >= limits.below && !crowded) break;
        if (bytes + pack.needed > limits.bytes.count || members + pack.entries > limits.members)
            continue;
        bytes += pack.needed;
        members += pack.entries;
        dead -= pack.dead;
        chosen.insert(pack.name);
    }
    return chosen;
}

}  // namespace mastobak::store
