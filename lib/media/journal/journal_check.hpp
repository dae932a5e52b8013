// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>

#include "media/index/path_order.hpp"

namespace mastobak::media {

/// Changes that a walk has seen and the change journal has not: a defect, of ours or the kernel's.
struct MissedChanges {
    std::uint64_t count = 0;
    std::string first;  ///< a path
};

/// Compares two indexes, entry by entry but for where the bytes are packed, and looks up every
/// difference among the paths that the journal has named since the older one.
/// Throws Error{corrupt} for a damaged index, Error{cancelled}.
MissedChanges check_journal(const std::filesystem::path& older, const std::filesystem::path& newer,
                            const Paths& named, std::stop_token stop);

}  // namespace mastobak::media
