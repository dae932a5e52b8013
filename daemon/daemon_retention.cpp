// SPDX-License-Identifier: GPL-3.0-or-later
#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

#include "async/run_blocking.hpp"
#include "async/timers.hpp"
#include "core/error.hpp"
#include "daemon/daemon.hpp"
#include "daemon/logging.hpp"
#include "store/staging.hpp"

namespace mastobak::daemon {
namespace {

constexpr std::chrono::seconds look_every = std::chrono::minutes(10);
constexpr std::chrono::seconds look_again_after{10};

}  // namespace

// The last step of the night. Its failures are reported, but the set is published all the same.
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
    // The warnings are also in the log and in the reports.
    static_cast<void>(
        co_await pruning_.prune_staging(run_pool_, config_, options, stop_run_.get_token()));
    co_await look_at_staging();
}

void Daemon::start_prune(backup::PruneOptions options) {
    const auto actions = agenda_.ask(Work::retention, {});
    prune_options_ = options;
    perform_all(actions);
    if (uploads_) uploads_->prune();
}

// Runs on the pool, because a hanging disk must not block the loop. A full or missing disk does not
// end the daemon, which has to report it.
async::Task<> Daemon::look_at_staging() {
    auto look = [first = !storage_, config = config_](std::stop_token) {
        if (first) store::Staging(config.staging.path).prepare();
        return newest_set(config);
    };
    auto measure = [config = config_](std::stop_token) { return look_at_storage(config); };
    std::optional<std::string> newest;
    std::optional<Storage> storage;
    std::string problem;
    try {
        newest = co_await async::run_blocking(run_pool_, std::move(look));
        storage = co_await async::run_blocking(run_pool_, std::move(measure));
    } catch (const Error& error) {
        if (error.code() != Errc::cancelled) problem = error.text();
    }
    newest_ = std::move(newest);
    storage_ = std::move(storage);
    if (problem != staging_problem_) {
        const WithFields fields(
            {.event = problem.empty() ? events::staging_usable : events::staging_unusable});
        if (!problem.empty()) log_->error("staging cannot be used: {}", problem);
        if (problem.empty()) log_->info("staging can be used again");
    }
    staging_problem_ = std::move(problem);
}

// Examines staging at intervals and after a reload, instead of on each request.
async::Task<> Daemon::keep_looking_at_staging() {
    for (;;) {
        co_await async::sleep_on(staging_looks_,
                                 staging_problem_.empty() ? look_every : look_again_after);
        co_await look_at_staging();
        co_await look_at_ledgers();
        perform_all(agenda_.look(facts()));
    }
}

}  // namespace mastobak::daemon
