// SPDX-License-Identifier: GPL-3.0-or-later

#include <functional>
#include <memory>

#include "core/error.hpp"
#include "core/readable.hpp"
#include "daemon/cli/command.hpp"
#include "daemon/cli/daemon_client.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/privileges.hpp"
#include "daemon/records/prune_json.hpp"
#include "offsite/remotes/make_remote.hpp"
#include "offsite/state_files.hpp"

namespace mastobak::daemon {
namespace {

using backup::PruneReport;

PruneReport or_failed(const std::string& remote, Timestamp now,
                      const std::function<PruneReport()>& work) {
    try {
        return work();
    } catch (...) {
        return backup::failed_prune(remote, now, std::current_exception());
    }
}

/// Applies retention in this process: for a dry run, and without a daemon.
std::vector<PruneReport> prune_here(const config::Config& config, backup::PruneOptions options) {
    const auto now = SystemClock().now();
    // An error in staging ends the command: a run holds the lock, or staging cannot be read.
    std::vector<PruneReport> reports{backup::prune_staging(config, now, options, {})};
    const auto scratch = offsite::scratch_directory(config.state_directory);
    for (const auto& entry : config.offsite)
        reports.push_back(or_failed(entry.name, now, [&] {
            const auto remote = offsite::make_remote(entry, scratch);
            return backup::prune_remote(config, entry, *remote, now, options, {});
        }));
    return reports;
}

std::vector<PruneReport> prune(const Options& options, backup::PruneOptions what) {
    if (!what.dry_run) {
        try {
            return DaemonClient(options).prune(what.unsent);
        } catch (const Error& error) {
            if (error.code() != Errc::unavailable) throw;
        }
    }
    const auto config = load_config(options);
    become_owner_of(config.state_directory);
    return prune_here(config, what);
}

void print(const PruneReport& report) {
    const bool look = report.dry_run;
    say("{}:\n", report.place());
    if (!report.waits_for.empty()) say("  waits for {}\n", report.waits_for);
    for (const auto& decision : report.decisions)
        say("  {}  {:<8} {}\n", decision.set, decision.kept ? "kept" : (look ? "would go" : "gone"),
            decision.why);
    for (const auto& warning : report.warnings) say("  warning: {}\n", warning);
    if (!report.refusal.empty()) say("  keeps everything: {}\n", report.refusal);
    if (!report.error.empty()) return say("  FAILED: {}\n", report.error);
    if (report.sent_away > 0)
        say("  {} at every remote, and removed here\n",
            counted(report.sent_away, "pack is", "packs are"));
    if (!report.decisions.empty())
        say("  {} {} in {} and {}\n", look ? "would free" : "freed", to_string(report.freed),
            counted(report.sets_gone(), "set"), counted(report.packs.size(), "pack"));
}

}  // namespace

int command_prune(const Options& options, backup::PruneOptions what) {
    const auto reports = prune(options, what);
    auto array = Json::array();
    for (const auto& report : reports) {
        array.push_back(to_json(report));
        if (!options.json) print(report);
    }
    if (options.json) say_json(array);
    for (const auto& report : reports)
        if (!report.error.empty())
            return exit_status(report.remote.empty() ? Errc::staging : Errc::offsite);
    return 0;
}

}  // namespace mastobak::daemon
