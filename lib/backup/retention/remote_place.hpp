// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <stop_token>
#include <string>

#include "config/config.hpp"
#include "offsite/remote.hpp"
#include "store/staging.hpp"

/// Local information that retention at a remote needs.
namespace mastobak::backup {

/// Returns what must be uploaded to a remote before retention may remove anything there; empty when
/// all is there.
/// Throws Error{staging}.
std::string waits_for(const config::Config& config, const config::Remote& entry);

/// Returns the packs that must stay at the remotes even if no set there needs them: the packs that
/// sets in staging need and that are off-site only or may become so tonight (staging.keep_packs),
/// and the unfinished packs.
/// Throws Error{staging}; Error{corrupt} when a set does not say which packs it needs.
std::set<std::string> shared_files_needed_here(const config::Config& config);

struct ExchangedPins {
    std::set<std::string> pinned;  ///< sets pinned in staging, or at the remote by another host
    std::string refusal;           ///< why a released pin could not be removed
};

/// Copies pins to a remote, and removes the released ones there.
/// \param dry_run change nothing
/// Throws Error{offsite}, Error{staging}, Error{cancelled}.
ExchangedPins exchange_pins(const store::Staging& staging, offsite::Remote& remote, bool dry_run,
                            const std::stop_token& stop);

}  // namespace mastobak::backup
