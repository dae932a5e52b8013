// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/jobs/hooks_of_run.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>
#include <vector>

#include "backup/hooks.hpp"
#include "core/error.hpp"

namespace mastobak::daemon {
namespace {

/// The time limit of a hook after a run that the end of the daemon has cancelled: systemd waits for
/// the daemon for 90 s.
constexpr std::chrono::seconds longest_hook_at_stop{10};

std::map<std::string, std::string> facts_of(const RunRecord& record) {
    std::map<std::string, std::string> facts{{"RUN", record.id}};
    if (!record.finished_at) return facts;
    facts["RESULT"] = record.ok() ? "success" : "failure";
    if (record.ok()) {
        facts["SET"] = *record.set;
        return facts;
    }
    facts["ERROR"] = record.error;
    facts["ERROR_CODE"] = record.error_code;
    facts["EXIT_STATUS"] = std::to_string(exit_status(parse_errc(record.error_code)));
    return facts;
}

}  // namespace

async::Task<std::string> before_run(backup::Services services, config::Hook hook,
                                    const RunRecord& record) {
    const backup::HookRun run{.name = "before_run", .hook = hook, .facts = facts_of(record)};
    const auto problem = co_await backup::run_hook(services.pool, run);
    if (problem.empty()) co_return std::string();
    if (hook.on_failure == config::HookFailure::stop) throw backup::stopped_by_hook(run, problem);
    services.observer.message(backup::Severity::warning, problem + ", ignoring");
    co_return problem + ", ignoring";
}

async::Task<> after_run(backup::Services services, config::Hooks hooks, RunRecord& record,
                        bool stopping) {
    std::vector<backup::HookRun> runs;
    if (!record.ok()) runs.push_back({"after_failure", hooks.after_failure, facts_of(record)});
    runs.push_back({"after_run", hooks.after_run, facts_of(record)});
    for (auto& run : runs) {
        if (stopping) run.hook.timeout = std::min(run.hook.timeout, longest_hook_at_stop);
        auto problem = co_await backup::run_hook(services.pool, run);
        if (problem.empty()) continue;
        problem += ", ignoring";
        services.observer.message(backup::Severity::warning, problem);
        record.warnings.push_back(std::move(problem));
    }
}

}  // namespace mastobak::daemon
