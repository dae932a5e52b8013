// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "offsite/remote.hpp"
#include "store/formats/manifest.hpp"
#include "store/staging.hpp"

namespace mastobak::backup {

/// Fetches a base of a set's dump or of its index into staging, where it must not exist yet.
/// Throws Error{corrupt} if it is not what the manifest says, Error{offsite}, Error{staging},
/// Error{cancelled}.
void fetch_base(offsite::Remote& remote, const store::Artifact& base, const store::Staging& staging,
                const std::stop_token& stop);

/// Replaces the base of the newest set's index by the copy of a remote, if it is damaged or missing
/// here. Many sets may share that base; without it, the run would pack their media again.
/// \param warnings receives what was replaced, and why a remote could not be used
/// Throws Error{cancelled}.
void heal_index_base(const config::Config& config, std::vector<std::string>& warnings,
                     const std::stop_token& stop);

}  // namespace mastobak::backup
