// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::store {

/// What one night may pack again.
struct RepackLimits {
    int below = 30;  ///< percent of a pack that the newest set needs; 0: no pack is packed again
    Bytes bytes;     ///< of members
    std::uint64_t members = 0;
};

/// The packs that the next set is better made without: those of which the newest one needs less
/// than the limit says; and, while what no set needs is more than a third of what any of them
/// does, further ones. Those with the least of use in them come first, as far as the limits go.
/// \param manifests of all sets, oldest first
std::set<std::string> packs_to_repack(const std::vector<Manifest>& manifests,
                                      const RepackLimits& limits);

}  // namespace mastobak::store
