// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/backups/in_daemon.hpp"
#include "daemon/backups/in_process.hpp"
#include "daemon/cli/progress_view.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/control_arguments.hpp"

namespace mastobak::daemon {
namespace {

void add_run_options(CLI::App& app, Options&, RunRequest& request) {
    auto* alone = app.add_flag("--standalone", request.standalone,
                               "work in this process, without the daemon");
    app.add_flag("--no-upload", request.no_upload,
                 "with --standalone: let the daemon copy the set off-site")
        ->needs(alone);
    auto* follow =
        app.add_flag("--follow", request.follow, "do not start a run; follow the one in progress")
            ->excludes(alone);
    auto* dry =
        app.add_flag(
               "--dry-run", request.dry,
               "do all steps that are possible while Mastodon runs; stop nothing, and make no set")
            ->excludes(follow);
    app.add_option("--note", request.note,
                   "a line about this set, such as \"before 4.7\": list, show and report print it")
        ->type_name("TEXT")
        ->excludes(follow)
        ->excludes(dry);
}

int command_run(const Options& options, const RunRequest& request) {
    if (!request.standalone) refuse_verbose(options, "run");
    check_note(request.note);
    const auto backups = backups_by(request.standalone, options);
    RunReport report(options);
    return report.finish(
        backups->run(request, [&report](const RunningState& now) { report.show(now); }));
}

const Subcommand run_command(10, "run", "make a backup set now, and show its progress",
                             add_run_options, command_run,
                             {.json = true, .logs = true, .example = "mastobak run --dry-run"});

}  // namespace
}  // namespace mastobak::daemon
