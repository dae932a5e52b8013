// SPDX-License-Identifier: GPL-3.0-or-later
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "async/run_blocking.hpp"
#include "core/error.hpp"
#include "daemon/daemon.hpp"

namespace mastobak::daemon {

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
    });
}

// Packs go here once they are everywhere (staging.keep_packs).
void Daemon::remove_what_arrived() {
    if (config_.staging.keep_packs || stopping_ || run_lane_.running() || prune_lane_.running())
        return;
    const auto remotes = uploads_->state();
    if (std::ranges::all_of(remotes, [](const auto& remote) { return remote.queued == 0; }))
        begin_prune({});
}

async::Task<> Daemon::look_at_staging() {
    std::optional<Storage> storage;
    std::optional<std::string> newest;
    async::BlockingWork look = [&storage, &newest, config = config_](std::stop_token) {
        newest = newest_set(config);
        storage = look_at_storage(config);
    };
    try {
        co_await async::run_blocking(run_pool_, std::move(look));
    } catch (const Error&) {
        storage.reset();  // nothing is said of sizes then
    }
    storage_ = std::move(storage);
    newest_ = std::move(newest);
}

std::optional<Storage> Daemon::storage_now() const {
    auto storage = storage_;
    try {
        // Not while a run goes on: a disk that hangs must not take the loop along.
        if (storage && !progress_) refresh_free_space(*storage, config_.staging);
    } catch (const Error&) {
        storage.reset();
    }
    return storage;
}

}  // namespace mastobak::daemon
