// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::store {

/// How much one night may repack.
struct RepackLimits {
    /// A pack of which the newest set needs less than this many percent is repacked; 0 turns
    /// repacking off.
    int below = 30;
    Bytes bytes;  ///< size of members
    std::uint64_t members = 0;
};

/// Returns the packs that the next run repacks: packs of which the newest set needs less than the
/// limit says and, while the bytes that no set needs are more than a third of those that any set
/// needs, further packs. Packs that the newest set needs least come first, up to the limits.
/// \param manifests manifests of all sets, oldest first
std::set<std::string> packs_to_repack(const std::vector<Manifest>& manifests,
                                      const RepackLimits& limits);

}  // namespace mastobak::store
