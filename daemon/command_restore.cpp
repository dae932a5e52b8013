// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "backup/plan.hpp"
#include "core/error.hpp"
#include "daemon/command.hpp"
#include "daemon/exit_status.hpp"
#include "daemon/restore_output.hpp"
#include "daemon/restore_plan.hpp"
#include "daemon/stop_on_signal.hpp"
#include "daemon/with_units_stopped.hpp"
#include "mastodon/blank_remote.hpp"

namespace mastobak::daemon {
namespace {

/// The database's user goes through it to the dump; the name is one that nobody guesses.
void open_for_passage(const std::filesystem::path& scratch) {
    std::filesystem::permissions(scratch, std::filesystem::perms(0711));
}

/// What was asked for, with Mastodon stopped when it uses it.
void do_safely(const RestorePlan& plan, const config::Config& config, const RestoreHost& host,
               const std::function<void()>& work) {
    if (!plan.live) return work();
    // What a killed one has left stopped is ours to start again.
    if (host.active_units.empty() && !units::has_leftovers(backup::record_of(config))) {
        const auto lock = backup::lock_units(config);  // no run begins meanwhile
        return work();
    }
    // Not fmt::print, which throws when the terminal is gone.
    with_units_stopped(config, work,
                       [](const std::string& text) { std::fputs((text + '\n').c_str(), stderr); });
}

RestoreCost cost_of(ChosenSet& set, const RestorePlan& plan, const std::stop_token& stop) {
    RestoreCost cost;
    cost.fetch = restore::plan_fetch(set.source(), set.manifest(), plan.options, stop);
    cost.rooms = restore::rooms_for(set.source(), set.manifest(), plan.options, cost.fetch, stop);
    return cost;
}

}  // namespace

int command_restore(const Options& options, const RestoreRequest& request) {
    refuse_contradictions(request);
    if (!request.plan && ::geteuid() != 0)
        throw Error(Errc::denied, "only root can restore", "sudo mastobak restore; or --plan");
    const StopOnSignal signals;
    const auto config = config_for(options, request.from);
    ChosenSet set(options, request.from, request.set, signals.token(), request.before);
    const auto host = look_at_host(config);
    const auto plan = plan_restore(request, config, host, set);
    const auto cost = cost_of(set, plan, signals.token());
    if (request.plan) print_plan(plan, host, set, cost, options.json);
    // What is refused or takes hours to fetch stops nobody.
    restore::require(cost.rooms);
    if (::geteuid() == 0) restore::check_target(set.manifest(), plan.options, signals.token());
    if (request.plan) return 0;
    open_for_passage(set.scratch());
    restore::SetReport report;
    {
        RestoreLine line(!options.json && ::isatty(STDERR_FILENO) == 1);
        const auto show = [&line](const restore::SetProgress& now) { line.show(now); };
        restore::prepare_dump(set.source(), set.manifest(), plan.options, show, signals.token());
        do_safely(plan, config, host, [&] {
            report = restore::restore_set(set.source(), set.manifest(), plan.options, show,
                                          signals.token());
        });
    }
    const auto commands =
        report.database ? mastodon::commands_after_restore(plan.repair, plan.lacks_remote_media)
                        : std::vector<std::string>{};
    print_report(plan, report, set.manifest().set, commands, options.json);
    return report.problems() == 0 ? 0 : exit_status(Errc::corrupt);
}

}  // namespace mastobak::daemon
