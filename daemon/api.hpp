// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// The names of the D-Bus API between the daemon and the commands; its bus name is that of the
/// instance (Instance::bus_name). Which users may call a method is configured in
/// systemd/org.mastobak.Daemon1.conf.
///
/// Methods; each takes one string and returns one ("s" to "s"):
/// Start, DryRun and Prune fail with org.mastobak.Error.busy while a run, a dry run or retention is
/// in progress; Start and DryRun also while orphaned units are being started:
///   Start("" or {"note": …} as JSON) → id of the new run
///   DryRun("") → id of the new dry run
///   Cancel("") → "". The run or dry run ends after its clean-up.
///   Upload("") → "". Attempts all queued uploads now.
///   Prune("" or "unsent") → "". Starts to apply `retention:`, as after a run; State has the
///     result. A run ends with retention anyway.
///   Drill({"set": …, "from": …, "explain": …} as JSON) → id of the new drill. `from` is the name
///     of a remote, or empty. `explain`: true narrows down which rows differ. Error
///     org.mastobak.Error.busy while a drill is in progress.
///   Added(set) → "". Another process has published a set (run --standalone).
///   Ran(id of a run) → "". Another process (run --standalone) has begun or ended this run, and has
///     recorded it in the history. Notifies the targets of `notify:`.
///   NotifyTest(name of a target, or "" for all) → id of the new test. Sends test messages.
/// Properties, which any user may read:
///   State: a State as JSON (json.hpp)
///   LastNotifyTest: the NotifyTest in progress, or the last one, as JSON
/// Signals:
///   Finished(the record of the run or dry run, as JSON)
namespace mastobak::daemon::api {

inline constexpr auto path = "/org/mastobak/Daemon1";
inline constexpr auto interface = "org.mastobak.Daemon1";

}  // namespace mastobak::daemon::api
