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

/// A set that came from a remote.
struct AdoptedSet {
    std::string remote;
    store::Manifest manifest;
};

/// Where staging has no set (a new machine, a disk that was lost), fetches the newest good one that
/// a remote of the configuration has: its files, but none of its packs, which are noted as off-site
/// alone. So the next set continues from it, and what is there is not uploaded again. Notes which
/// contents the packs have, too, as files that a new machine has got back are new to it (see
/// media::DigestCache). Remotes are asked in their order, until one has a good set. Blocks; only
/// for who holds the lock of staging.
/// \param warnings get a line for each remote that has sets and did not serve
/// \return nothing: staging has sets, or no remote has one
/// Throws Error{staging}, Error{cancelled}; nothing is visible then.
std::optional<AdoptedSet> adopt_remote_set(const config::Config& config, Timestamp now,
                                           std::vector<std::string>& warnings,
                                           std::stop_token stop);

}  // namespace mastobak::backup
