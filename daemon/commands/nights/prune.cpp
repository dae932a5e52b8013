// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/error.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/backups/in_daemon.hpp"
#include "daemon/backups/in_process.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/records/json.hpp"

namespace mastobak::daemon {
namespace {

using backup::PruneReport;

std::vector<PruneReport> prune(const Options& options, backup::PruneOptions what) {
    if (!what.dry_run) {
        try {
            return InDaemon(options).prune(what);
        } catch (const Error& error) {
            if (error.code() != Errc::unavailable) throw;
        }
    }
    return InProcess(options).prune(what);
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
    if (report.evicted > 0)
        say("  {} at every remote, and removed here\n",
            counted(report.evicted, "pack is", "packs are"));
    if (!report.decisions.empty())
        say("  {} {} in {} and {}\n", look ? "would free" : "freed", to_string(report.freed),
            counted(report.sets_gone(), "set"), counted(report.shared.size(), "shared file"));
}

void add_prune_options(CLI::App& app, Options&, backup::PruneOptions& what) {
    app.add_flag("--dry-run", what.dry_run, "show what would be removed, and why; remove nothing");
    app.add_flag("--unsent", what.unsent, "also remove sets that are not off-site yet");
}

int command_prune(const Options& options, const backup::PruneOptions& what) {
    const auto reports = prune(options, what);
    if (options.json) say_json(to_json(reports));
    for (const auto& report : reports)
        if (!options.json) print(report);
    for (const auto& report : reports)
        if (!report.error.empty())
            return exit_status(report.remote.empty() ? Errc::staging : Errc::offsite);
    return 0;
}

const Subcommand prune_command(80, "prune",
                               "remove the sets that the retention policy no longer keeps",
                               add_prune_options, command_prune,
                               {.json = true, .example = "mastobak prune --dry-run"});

}  // namespace
}  // namespace mastobak::daemon
