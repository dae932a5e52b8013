// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/backups/in_process.hpp"

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "backup/retention/prune_remote.hpp"
#include "backup/version.hpp"
#include "config/load.hpp"
#include "core/error.hpp"
#include "core/process/privilege.hpp"
#include "daemon/backups/in_daemon.hpp"
#include "daemon/backups/standalone_run.hpp"
#include "daemon/cli/stop_on_signal.hpp"
#include "daemon/jobs/retention_job.hpp"
#include "daemon/jobs/scrub_job.hpp"
#include "daemon/privileges.hpp"
#include "daemon/records/acknowledged.hpp"
#include "daemon/scratch_directory.hpp"
#include "offsite/history.hpp"
#include "offsite/remotes/make_remote.hpp"
#include "store/formats/signature.hpp"

namespace mastobak::daemon {
namespace fs = std::filesystem;
using backup::PruneReport;

namespace {

PruneReport or_failed(const std::string& remote, Timestamp now,
                      const std::function<PruneReport()>& work) {
    try {
        return work();
    } catch (...) {
        return backup::failed_prune(remote, now, std::current_exception());
    }
}

}  // namespace

State InProcess::state() {
    // Without a configuration that can be used, these are its defaults.
    auto loaded = config::load(options_.config, options_.instance);
    const auto config =
        loaded.problems.empty() ? std::move(loaded.config) : config::Config(options_.instance);
    const auto now = SystemClock().now();
    State state;
    state.version = backup::version;
    state.signing_key = store::public_key_line(config.state_directory);
    state.history = read_history(config.state_directory, now);
    leave_out_acknowledged(config.state_directory, state);
    state.pruned = read_prune_reports(config.state_directory);
    state.drills = read_drills(config.state_directory);
    state.scrubs = read_scrubs(config, now);
    try {
        state.storage = look_at_storage(config);
    } catch (const Error&) {
        // Only root and the owner of staging may read it.
    }
    return state;
}

RunRecord InProcess::run(const RunRequest& request, const OnProgress& show) {
    return run_standalone(options_, request, show);
}

DrillRecord InProcess::drill(const DrillRequest& given, const OnProgress& show) {
    const StopOnSignal signals;
    std::error_code error;
    // Another machine has no configuration, and no state directory for the record.
    const bool configured = given.from.empty() || fs::exists(options_.config, error);
    auto request = given;
    request.remembered = configured;
    const auto config = configured ? load_config(options_) : config::Config(options_.instance);
    if (configured) become_owner_of(config.state_directory);
    // A place that root names may be readable only for root.
    std::optional<ReadAnything> raised;
    if (!request.from.empty()) raised.emplace();
    const ScratchDirectory scratch;
    auto record = perform_drill(
        config, request, scratch.path() / "d",
        [&](const restore::DrillProgress& now) {
            show({"", {}, now.step, now.fraction, now.detail});
        },
        signals.token());
    if (configured) write_drill(config.state_directory, record);
    return record;
}

std::vector<PruneReport> InProcess::prune(backup::PruneOptions options) {
    const auto config = load_config(options_);
    become_owner_of(config.state_directory);
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

std::unique_ptr<Backups> backups_by(bool standalone, const Options& options) {
    if (standalone) return std::make_unique<InProcess>(options);
    return std::make_unique<InDaemon>(options);
}

}  // namespace mastobak::daemon
