// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// The names of the D-Bus API, as the daemon offers it and the commands call it, and as
/// systemd/org.mastobak.Daemon1.conf says who may.
///
/// Methods, each "s" to "s":
///   Start("") → the run's id; org.mastobak.Error.busy while one is under way
///   DryRun("") → the dry run's id; org.mastobak.Error.busy while a run is under way
///   Cancel("") → ""; the run, or the dry run, ends after its clean-up
///   Upload("") → ""; tries everything queued for off-site now
///   Prune("" or "unsent") → ""; begins to apply `retention:`, as after a run, and
///     the state says how it went; org.mastobak.Error.busy while a run is under way, which ends
///     with retention anyway
///   Drill({"set": …, "from": …, "explain": …} as JSON) → the drill's id; `from` names a remote, or
///     is empty; `explain`: true narrows down which rows differ.
///     org.mastobak.Error.busy while one is under way
///   Added(set) → ""; a set was published by another process (run --standalone)
/// Properties, readable by anybody:
///   State: a State as JSON (json.hpp)
/// Signals:
///   Finished(the record of the run, or of the dry run, as JSON)
namespace mastobak::daemon::api {

inline constexpr auto name = "org.mastobak.Daemon1";
inline constexpr auto path = "/org/mastobak/Daemon1";
inline constexpr auto interface = "org.mastobak.Daemon1";

}  // namespace mastobak::daemon::api
