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

/// Retention: removes sets and packs in staging and off-site, after the run and the uploads.
namespace mastobak::backup {

struct PruneOptions {
    bool dry_run = false;  ///< only report what would be removed
    bool unsent = false;   ///< also remove sets in staging that are not off-site yet
};

/// The result of retention at one place.
struct PruneReport {
    std::string remote;  ///< name of the remote; empty for staging
    Timestamp at;
    bool dry_run = false;
    std::vector<store::Decision> decisions;  ///< for each set, oldest first
    std::vector<std::string> shared;         ///< paths of the removed shared files
    std::size_t evicted = 0;                 ///< number of packs evicted from staging
    Bytes freed;
    std::vector<std::string> warnings;
    std::string waits_for;  ///< what has to be uploaded first; empty when nothing
    std::string refusal;    ///< why the remote refuses removal; empty when it does not
    std::string error;      ///< why it failed; empty on success

    /// Returns "staging" or "remote 'b2'".
    std::string place() const;
    std::size_t sets_gone() const;
};

/// Applies `retention:` and `staging.keep_packs` to staging. Blocks.
/// Throws Error{busy} while a run is in progress (not with `dry_run`), Error{staging},
/// Error{cancelled}.
PruneReport prune_staging(const config::Config& config, Timestamp now, PruneOptions options,
                          std::stop_token stop);

/// Returns the report for a call that threw an exception.
PruneReport failed_prune(std::string remote, Timestamp now, const std::exception_ptr& failure);

/// Converts the section `retention:` of the configuration to the type of lib/store, which does not
/// depend on the configuration.
store::RetentionPolicy keep_policy(const config::Retention& retention);

}  // namespace mastobak::backup
