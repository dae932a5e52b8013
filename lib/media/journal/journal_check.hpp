// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "media/index/index.hpp"
#include "media/index/paths.hpp"

namespace mastobak::media {

/// Changes that a walk found and the change journal did not report. They prove a defect of mastobak
/// or of the kernel.
struct MissedChanges {
    std::uint64_t count = 0;
    std::string first;  ///< the first such path
};

/// Compares two indexes entry by entry, except for the places in packs, and checks that the journal
/// has reported each difference.
/// \param named the paths that the journal has reported since the older index
/// Throws Error{corrupt} for a damaged index, Error{cancelled}.
MissedChanges check_journal(const IndexFiles& older, const IndexFiles& newer, const Paths& named,
                            std::stop_token stop);

}  // namespace mastobak::media
