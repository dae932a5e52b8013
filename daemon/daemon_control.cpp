// SPDX-License-Identifier: GPL-3.0-or-later

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "async/run_blocking.hpp"
#include "backup/version.hpp"
#include "core/error.hpp"
#include "daemon/daemon.hpp"
#include "daemon/records/acknowledged.hpp"
#include "daemon/records/history.hpp"
#include "store/formats/signature.hpp"
#include "store/staging.hpp"
#include "units/notify.hpp"

namespace mastobak::daemon {

// Handles a set of a run without the daemon, which has written the history itself.
async::Task<> Daemon::check_added(std::string set) {
    auto look = [path = store::Staging(config_.staging.path).set(set)](std::stop_token) {
        return std::filesystem::exists(path);
    };
    std::string problem;
    try {
        const bool there = co_await async::run_blocking(run_pool_, std::move(look));
        if (!there)
            throw Error(Errc::config, fmt::format("there is no set '{}' in '{}'", set,
                                                  config_.staging.path.native()));
        if (!agenda_.is_under_way(Work::run))
            history_ = read_history(config_.state_directory, clock_.now());
        hand_off(set);
        newest_ = std::max(newest_, std::optional(set));
        start_prune({});
    } catch (const Error& error) {
        // If a run or retention is in progress, it applies retention to this set, too.
        if (error.code() != Errc::busy) problem = error.what();
    }
    if (!problem.empty())
        log_->warn("set={} was announced by another process: {}, ignoring", set, problem);
    tell_status();
}

std::string Daemon::start_run(std::string note) {
    const auto started = agenda_.ask(Work::run, "request");
    note_ = std::move(note);
    perform_all(started);
    return history_.last_run->id;
}

void Daemon::cancel_run(CutOff by, std::string text) {
    cancellation_ = {by, std::move(text)};
    perform_all(agenda_.cancel_run());
}

Control::Actions Daemon::actions() {
    Control::Actions actions;
    actions.start = [this](std::string note) { return start_run(std::move(note)); };
    actions.dry_run = [this] {
        perform_all(agenda_.ask(Work::dry_run, "request"));
        return progress_->state().id;
    };
    actions.cancel = [this](const std::string& by) { cancel_run(CutOff::person, by); };
    actions.upload = [this] {
        if (config_.offsite.empty())
            throw Error(Errc::usage, "no remote is configured: nothing goes off-site",
                        "add one under 'offsite:' in mastobak.yaml, then: systemctl reload "
                        "mastobak");
        if (uploads_) uploads_->retry_now();
    };
    actions.prune = [this](backup::PruneOptions options) { start_prune(options); };
    actions.drill = [this](DrillRequest request) { return start_drill(std::move(request)); };
    actions.added = [this](const std::string& set) {
        added_ = async::Job<>(loop_.get_executor(), check_added(set), [](std::exception_ptr) {});
    };
    actions.ran = [this](const std::string& id) { notify_of_other(id); };
    actions.notify_test = [this](const std::string& target) { return notifier_.test(target); };
    actions.last_notify_test = [this] { return notifier_.last_test(); };
    actions.state = [this] { return state(); };
    return actions;
}

State Daemon::state() const {
    State state;
    state.version = backup::version;
    state.signing_key = store::public_key_line(config_.state_directory);
    state.config = config_.source.native();
    if (progress_) state.running = progress_->state();
    state.dry_run = dry_run_;
    state.history = history_;
    leave_out_acknowledged(config_.state_directory, state);
    if (scheduler_) state.next_run = scheduler_->next();
    if (uploads_) state.offsite = uploads_->state();
    state.pruned = pruning_.reports();
    state.pruning = agenda_.is_under_way(Work::retention);
    state.reload_problem = reload_problem_;
    if (drilling_) state.drilling = drilling_->state();
    state.drills = drills_;
    if (scrubbing_) state.scrubbing = scrubbing_->state();
    state.scrubs = scrubs_;
    state.storage = storage_;
    state.staging_problem = staging_problem_;
    return state;
}

void Daemon::tell_status() {
    const auto now = clock_.now();
    const auto current = state();
    const auto health = judge(current, newest_, config_, now);
    metrics_.update(config_.metrics.textfile, current, health);
    notify_of_health(current, health);
    auto line = status_line(current, health, now);
    if (line == last_status_) return;
    units::notify::status(line);
    last_status_ = std::move(line);
}

async::Task<> Daemon::make_dry_run() {
    auto record = new_record(clock_.now());
    record.dry_run = true;
    log_->info("run={} started by=request dry_run=yes", record.id);
    stop_run_ = {};
    cancellation_ = {CutOff::service, " because the daemon was stopped"};
    progress_ = std::make_unique<RunProgress>(log_, record.id, record.started_at,
                                              [this](const std::string&) { tell_status(); });
    return one_dry_run(std::move(record));
}

async::Task<> Daemon::one_dry_run(RunRecord record) {
    // A dry run gets no change journal: the next run needs its changes.
    const backup::Services services{units_, run_pool_, clock_, *progress_};
    auto outcome = co_await perform_dry(services, config_, std::move(record), stop_run_.get_token(),
                                        log_, [this] { return cancellation_; });
    dry_run_ = std::move(outcome.record);
    progress_.reset();
    control_->finished(*dry_run_);
    tell_status();
}

}  // namespace mastobak::daemon
