// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <stop_token>
#include <string>

#include "config/config.hpp"
#include "offsite/remote.hpp"
#include "store/staging.hpp"

/// What this host knows of a remote when retention comes to it.
namespace mastobak::backup {

/// What has to be at a remote before anything may go from it; empty: it is there.
/// Throws Error{staging}.
std::string waits_for(const config::Config& config, const config::Remote& entry);

/// Packs that have to stay at the remotes whatever their sets need: those that sets here need and
/// that are there alone, or may be from tonight on (staging.keep_packs), and those of a run that
/// has published no set yet.
/// Throws Error{staging}, Error{corrupt} when a set does not tell what it needs.
std::set<std::string> packs_for_here(const config::Config& config);

struct ExchangedPins {
    std::set<std::string> pinned;  ///< here, or there by a host that does not exist any more
    std::string refusal;           ///< why a pin that was released stays there
};

/// Carries pins to a remote, and takes back those that were released.
/// \param dry_run look only
/// Throws Error{offsite}, Error{staging}, Error{cancelled}.
ExchangedPins exchange_pins(const store::Staging& staging, offsite::Remote& remote, bool dry_run,
                            const std::stop_token& stop);

}  // namespace mastobak::backup
