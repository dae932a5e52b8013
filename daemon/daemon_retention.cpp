// SPDX-License-Identifier: GPL-3.0-or-later
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "async/run_blocking.hpp"
#include "async/timers.hpp"
#include "core/error.hpp"
#include "daemon/daemon.hpp"
#include "store/staging.hpp"

namespace mastobak::daemon {
namespace {

constexpr std::chrono::seconds look_every = std::chrono::minutes(10);
constexpr std::chrono::seconds look_again_after{10};

}  // namespace

// The last step of the night. What goes wrong here is said, but the set is made.
async::Task<> Daemon::apply_retention(RunRecord& record) {
    progress_->step("retention");
    const auto begun = clock_.steady();
    auto warnings = co_await pruning_.prune_staging(run_pool_, config_, {}, stop_run_.get_token());
    co_await look_at_staging();
    for (auto& warning : warnings) record.warnings.push_back(std::move(warning));
    record.steps.push_back({"retention", clock_.steady() - begun});
    history_.last_run = history_.last_success = record;
    try {
        write_history(config_.state_directory, history_);
    } catch (const Error& error) {
        log_->warn("run={} {}, ignoring", record.id, error.what());
    }
}

async::Task<> Daemon::one_prune(backup::PruneOptions options) {
    // Its warnings are in the log, and in the reports.
    static_cast<void>(
        co_await pruning_.prune_staging(run_pool_, config_, options, stop_run_.get_token()));
    co_await look_at_staging();
}

void Daemon::start_prune(backup::PruneOptions options) {
    if (stopping_) throw Error(Errc::busy, "the daemon is shutting down");
    if (run_lane_.running())
        throw Error(Errc::busy, "a run is going on", "it ends with this; mastobak status");
    if (prune_lane_.running())
        throw Error(Errc::busy, "retention is being applied already", "mastobak status");
    begin_prune(options);
    uploads_->prune();
}

void Daemon::begin_prune(backup::PruneOptions options) {
    stop_run_ = {};
    prune_lane_ = Lane(loop_, one_prune(options), [this](std::exception_ptr failure) {
        lane_end("retention")(failure);
        if (const auto* why = std::exchange(due_, nullptr); why != nullptr && !stopping_)
            start_run(why);
        drill_if_due();
    });
}

// A run, or the uploads to a remote: what waited for that.
void Daemon::when_something_ended() {
    remove_what_arrived();
    drill_if_due();
}

// Packs go here once they are everywhere (staging.keep_packs).
void Daemon::remove_what_arrived() {
    if (config_.staging.keep_packs || stopping_ || run_lane_.running() || prune_lane_.running())
        return;
    const auto remotes = uploads_->state();
    if (std::ranges::all_of(remotes, [](const auto& remote) { return remote.queued == 0; }))
        begin_prune({});
}

// On the pool: a disk that hangs must not hang us. One that is full, or not there (yet), is no
// reason not to run: somebody has to tell.
async::Task<> Daemon::look_at_staging() {
    std::optional<Storage> storage;
    std::optional<std::string> newest;
    const bool first = !storage_;
    async::BlockingWork look = [&, config = config_](std::stop_token) {
        if (first) store::Staging(config.staging.path).prepare();
        newest = newest_set(config);
        storage = look_at_storage(config);
    };
    std::string problem;
    try {
        co_await async::run_blocking(run_pool_, std::move(look));
    } catch (const Error& error) {
        storage.reset();  // nothing is said of sizes then
        if (error.code() != Errc::cancelled) problem = error.text();
    }
    storage_ = std::move(storage);
    newest_ = std::move(newest);
    if (problem != staging_problem_) {
        if (!problem.empty()) log_->error("staging cannot be used: {}", problem);
        if (problem.empty()) log_->info("staging can be used again");
    }
    staging_problem_ = std::move(problem);
}

// From time to time, not when somebody asks.
async::Task<> Daemon::keep_looking_at_staging() {
    for (;;) {
        co_await async::wait_for(staging_problem_.empty() ? look_every : look_again_after);
        co_await look_at_staging();
        drill_if_due();
    }
}

}  // namespace mastobak::daemon
