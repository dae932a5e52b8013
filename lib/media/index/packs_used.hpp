// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/bytes.hpp"
#include "media/index/index.hpp"

namespace mastobak::media {

/// How much of one pack an index uses.
struct PackUse {
    std::uint64_t entries = 0;
    Bytes stored;  ///< size of their members; a member of several entries counts for each of them

    bool operator==(const PackUse&) const = default;
};

/// The key is the file name of the pack.
using PacksUsed = std::map<std::string, PackUse>;

/// Adds an entry of the index to the counts. Directories are not stored in packs.
inline void count_use(PacksUsed& packs, const Entry& entry) {
    if (entry.pack.empty()) return;
    auto& use = packs[entry.pack];
    ++use.entries;
    use.stored += Bytes{entry.stored};
}

}  // namespace mastobak::media
