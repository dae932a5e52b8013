// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "store/manifest.hpp"

namespace mastobak::store {

/// What one night may pack again.
struct RepackLimits {
    int below = 30;  ///< percent of a pack that the newest set needs; 0: no pack is packed again
    Bytes bytes;     ///< of members
    std::uint64_t members = 0;
};

/// The packs of which the newest set needs so little that the next one is better made without them:
/// those with the least of use in them first, as far as the limits go.
/// \param packs that the newest set needs
std::set<std::string> packs_to_repack(const std::vector<PackReference>& packs,
                                      const RepackLimits& limits);

}  // namespace mastobak::store
