// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <exception>
#include <stop_token>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "offsite/remote.hpp"
#include "store/retention/retention.hpp"

/// Step 11 of the night: what the policy no longer keeps goes, here and off-site.
namespace mastobak::backup {

struct PruneOptions {
    bool dry_run = false;  ///< look only
    bool unsent = false;   ///< sets of staging go, even when they are not off-site yet
};

/// What became, or would become, of the sets of one place.
struct PruneReport {
    std::string remote;  ///< its name; empty: staging
    Timestamp at;
    bool dry_run = false;
    std::vector<store::Decision> decisions;  ///< of the sets that were there, oldest first
    std::vector<std::string> packs;          ///< that went as well
    std::size_t sent_away = 0;               ///< packs removed here as every remote has them
    Bytes freed;
    std::vector<std::string> warnings;
    std::string waits_for;  ///< what has to be done before anything may go; empty: it was done
    std::string refusal;    ///< why the remote keeps everything; empty: it does not
    std::string error;      ///< why it failed; empty: it did not

    /// "staging", "remote 'b2'"
    std::string place() const;
    std::size_t sets_gone() const;
};

/// Applies `retention:` to staging, and `staging.keep_packs`. Blocks.
/// Throws Error{busy} while a run is in progress (not a dry one), Error{staging}, Error{cancelled}.
PruneReport prune_staging(const config::Config& config, Timestamp now, PruneOptions options,
                          std::stop_token stop);

/// Applies the remote's own retention, or that of staging, to a remote. Nothing goes before all
/// that is queued for it, and the newest set, is there. Blocks; nothing else may use the remote
/// during the call. Pins are carried there, and taken back.
/// \param entry of `offsite:`, for the remote
/// Throws Error{offsite}, Error{staging}, Error{cancelled}.
PruneReport prune_remote(const config::Config& config, const config::Remote& entry,
                         offsite::Remote& remote, Timestamp now, PruneOptions options,
                         std::stop_token stop);

/// The report of one that threw.
PruneReport failed_prune(std::string remote, Timestamp now, const std::exception_ptr& failure);

}  // namespace mastobak::backup
