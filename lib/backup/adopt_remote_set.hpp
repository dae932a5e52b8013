// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "core/clock.hpp"
#include "store/formats/manifest.hpp"

namespace mastobak::backup {

/// A set that was fetched from a remote.
struct AdoptedSet {
    std::string remote;
    store::Manifest manifest;
};

/// Fetches the newest good set of a remote into a staging that has no set (a new machine, a lost
/// disk). The next set then continues from it, and the next upload does not send its packs again.
/// The function fetches the files of the set, but not its packs: it records them as off-site only.
/// It also records the contents of the packs, because restored files look new on a new machine (see
/// media::DigestCache). It tries the remotes in the order of the configuration until one has a good
/// set. Blocks. The caller must hold the lock of staging.
/// \param warnings receives a line for each remote that has sets, none of which could be adopted
/// \return nullopt when staging has sets already, or no remote has a good one
/// Throws Error{staging}, Error{cancelled}; no set is visible in staging after an error.
std::optional<AdoptedSet> adopt_remote_set(const config::Config& config, Timestamp now,
                                           std::vector<std::string>& warnings,
                                           std::stop_token stop);

}  // namespace mastobak::backup
