// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "core/clock.hpp"
#include "daemon/records/daemon_state.hpp"
#include "scrub/ledger.hpp"

namespace mastobak::daemon {

/// The warning for an instance without a remote, until it is acknowledged.
inline constexpr auto no_remote = "nothing is off-site: no remote is configured";

/// Whether an administrator has to do something.
struct Health {
    /// The worst verdict that applies. It is also the exit status of `mastobak status`.
    enum class Verdict { healthy = 0, failed = 1, stale = 2, no_daemon = 3 };
    Verdict verdict = Verdict::healthy;
    std::vector<std::string> reasons;  ///< one line each; empty if healthy
    /// The cause of each reason, which is the same as long as the cause lasts, whatever numbers its
    /// text has: "run", "offsite b2". For notifications.
    std::vector<std::string> causes{};
};

/// Judges a state: the last run failed; the newest set is too old, or there is none; a set has been
/// waiting too long to go off-site, a remote is full, or no remote is configured; the last drill failed, was too long
/// ago, or none could ever be made; something is damaged, or was not read again in time. Pure.
/// \param newest_set newest set in staging; it takes precedence over the history
Health judge(const State& state, const std::optional<std::string>& newest_set,
             const config::Config& config, Timestamp now);

/// Returns how long Mastodon was stopped, with the steps and with each unit: "downtime 90 ms (stop
/// 50 ms, freeze 20 ms, start 20 ms; web 80 ms, …)".
std::string downtime_text(const RunRecord& run);

/// Returns "dump 43 % (public.statuses), 2 min 5 s left".
std::string step_text(const RunningState& run);

/// Returns one line for systemctl: "healthy; last set 20261122T030000Z (9 h 0 min ago, 5.0 MiB),
/// downtime …; next run …".
std::string status_line(const State& state, const Health& health, Timestamp now);

/// Returns "'media/x.tar' is damaged: its contents changed; 2 files (a, b); used by 1 set (…);
/// whole at remote 'b2'".
std::string damage_text(const std::string& object, const scrub::Damage& damage);

}  // namespace mastobak::daemon
