// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/bytes.hpp"
#include "media/index/index.hpp"

namespace mastobak::media {

/// What an index needs of one pack.
struct PackUse {
    std::uint64_t entries = 0;
    Bytes stored;  ///< their members; one that several entries name counts for each of them

    bool operator==(const PackUse&) const = default;
};

/// By the file name of the pack.
using PacksUsed = std::map<std::string, PackUse>;

/// Counts an entry of the index; directories are in no pack.
inline void count_use(PacksUsed& packs, const Entry& entry) {
    if (entry.pack.empty()) return;
    auto& use = packs[entry.pack];
    ++use.entries;
    use.stored += Bytes{entry.stored};
}

}  // namespace mastobak::media
