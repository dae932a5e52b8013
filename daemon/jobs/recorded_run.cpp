// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/jobs/recorded_run.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <exception>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "async/run_blocking.hpp"
#include "backup/hooks.hpp"
#include "core/error.hpp"
#include "daemon/jobs/scrub_job.hpp"
#include "daemon/jobs/turn.hpp"
#include "daemon/logging.hpp"
#include "daemon/records/acknowledged.hpp"
#include "daemon/records/nights.hpp"
#include "daemon/records/staging_usage.hpp"

namespace mastobak::daemon {
namespace {

namespace asio = boost::asio;

// If the history cannot be written, for example on a full disk, the run is still a success.
void remember(const std::filesystem::path& state_directory, const RunRecord& record, Timestamp now,
              spdlog::logger& log) {
    try {
        auto history = read_history(state_directory, now);
        note(history, record);
        write_history(state_directory, history);
    } catch (const std::exception& error) {
        log.warn("run={} {}, ignoring", record.id, error.what());
    }
}

/// Adds a run to the nights of the report, with the state of staging. The run is a success even if
/// this fails.
async::Task<> remember_night(backup::Services services, config::Config config, Night night,
                             std::shared_ptr<spdlog::logger> log) {
    const auto id = night.id;
    async::BlockingWork work = [config, night = std::move(night)](std::stop_token) mutable {
        try {
            const auto storage = look_at_storage(config);
            night.used = used_of(storage);
            night.room = storage.room;
        } catch (const Error&) {
            // The run has reported why staging cannot be read.
        }
        for (const auto& place : read_scrubs(config, night.started_at))
            night.places.push_back({place.place, place.bytes});
        add_night(config.state_directory, night);
    };
    try {
        co_await async::run_blocking(services.pool, std::move(work));
    } catch (const std::exception& error) {
        log->warn("run={} {}, ignoring", id, error.what());
    }
}

void log_result(spdlog::logger& log, const std::filesystem::path& state_directory,
                RunRecord record) {
    leave_out_acknowledged(state_directory, record);
    const WithFields fields(
        {.run = record.id,
         .set = record.set.value_or(""),
         .event = record.ok() ? events::run_succeeded : failed_run(parse_errc(record.error_code))});
    const auto took = record.finished_at.value_or(record.started_at) - record.started_at;
    if (record.ok() && record.dry_run)
        log.info("run={} result=success dry_run=yes took='{}' warnings={}", record.id,
                 to_text(took), record.warnings.size());
    else if (record.ok())
        log.info("run={} result=success set={} size='{}' took='{}' downtime='{}' warnings={}",
                 record.id, *record.set, to_string(record.size), to_text(took),
                 to_text(record.downtime), record.warnings.size());
    else
        log.error("run={} result=failed code={} took='{}' error={} hint={}", record.id,
                  record.error_code, to_text(took), quoted_value(record.error),
                  quoted_value(record.hint));
}

/// Returns the last run that stopped Mastodon in vain, if this run must rehearse its failed step
/// first; otherwise nullopt.
std::optional<RunRecord> to_be_rehearsed(const config::Config& config, Timestamp now) {
    if (config.consistency.mode == config::ConsistencyMode::live) return std::nullopt;
    auto wasted = read_history(config.state_directory, now).wasted_stop;
    if (wasted && !backup::rehearsal_of(wasted->failed_step)) return std::nullopt;
    return wasted;
}

async::Task<> rehearse(backup::Services services, config::Config config, const RunRecord& wasted,
                       RunRecord& record, std::stop_token stop) {
    services.observer.message(
        backup::Severity::info,
        fmt::format("rehearses the night before Mastodon is stopped, since run={} failed after it "
                    "had stopped Mastodon: step={} error={}",
                    wasted.id, wasted.failed_step, quoted_value(wasted.error)));
    backup::Run rehearsal(services, std::move(config), std::move(stop));
    std::exception_ptr failure;
    try {
        co_await rehearsal.rehearse(*backup::rehearsal_of(wasted.failed_step));
        record.rehearsed = true;
        co_return;
    } catch (...) {
        failure = std::current_exception();
    }
    record.failed_step = rehearsal.failed_step();
    const auto error = as_error(failure);
    if (error.code() == Errc::cancelled || record.failed_step == "preflight")
        std::rethrow_exception(failure);
    throw Error(error.code(),
                fmt::format("Mastodon was not stopped, because the run would fail afterwards, as "
                            "that of {} did: {}",
                            to_local_text(wasted.started_at), error.text()),
                hinted(error).hint());
}

/// Records the cause of the cancellation. Returns the error with which the run ends.
Error cancel(RunRecord& record, const Cancellation& cancellation) {
    record.cut_off_by = cancellation.by;
    return Error(Errc::cancelled, "the run was cancelled" + cancellation.text);
}

/// Completes the record of a failed run. If a stop was requested, the run counts as cancelled,
/// whatever it threw.
void note_failure(Outcome& outcome, RunRecord& record, const std::stop_token& stop,
                  const std::function<Cancellation()>& cancelled, Timestamp now) {
    if (!outcome.failure) return;
    const auto error = stop.stop_requested()
                           ? cancel(record, cancelled ? cancelled() : Cancellation{})
                           : as_error(outcome.failure);
    outcome.failure = std::make_exception_ptr(error);
    finish(record, error, now);
}

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

/// Runs the hook before a run.
/// \return the warning of a hook that failed without stopping the run; empty: none
/// Throws the error of a hook that stops the run. Cancel: ends the hook, throws Error{cancelled}.
async::Task<std::string> before_run(backup::Services services, config::Hook hook,
                                    const RunRecord& record) {
    const backup::HookRun run{.name = "before_run", .hook = hook, .facts = facts_of(record)};
    const auto problem = co_await backup::run_hook(services.pool, run);
    if (problem.empty()) co_return std::string();
    if (hook.on_failure == config::HookFailure::stop) throw backup::stopped_by_hook(run, problem);
    services.observer.message(backup::Severity::warning, problem + ", ignoring");
    co_return problem + ", ignoring";
}

/// Runs the hooks after a run. Failed ones are warnings of the record.
/// \param stopping the daemon is being stopped, so the hooks have less time
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

}  // namespace

Outcome never_begun(const config::Config& config, RunRecord record, Timestamp now,
                    spdlog::logger& log, const Cancellation& cancellation) {
    const auto error = cancel(record, cancellation);
    finish(record, error, now);
    remember(config.state_directory, record, now, log);
    log_result(log, config.state_directory, record);
    return {std::move(record), std::make_exception_ptr(error)};
}

async::Task<Outcome> perform(backup::Services services, config::Config config, RunRecord record,
                             std::stop_token stop, std::shared_ptr<spdlog::logger> log,
                             std::function<Cancellation()> cancelled) {
    const auto state_directory = config.state_directory;
    auto& clock = services.clock;
    remember(state_directory, record, clock.now(), *log);
    Outcome outcome;
    std::optional<store::Manifest> published;
    const auto hooks = config.hooks;
    std::string warning;
    services.run_id = record.id;
    std::optional<UniqueFd> turn;
    std::string step = "turn";
    try {
        turn = co_await wait_for_turn(turn_files(config), services.observer, stop);
        step = "before_run";
        warning = co_await before_run(services, hooks.before_run, record);
    } catch (...) {
        outcome.failure = std::current_exception();
        record.failed_step = step;
    }
    const auto wasted = to_be_rehearsed(config, clock.now());
    if (wasted && !outcome.failure) {
        try {
            co_await rehearse(services, config, *wasted, record, stop);
        } catch (...) {
            outcome.failure = std::current_exception();
        }
    }
    if (!outcome.failure) {
        backup::Run run(services, config, stop, record.note);
        try {
            const auto result = co_await run.execute();
            finish(record, result, clock.now());
            published = result.manifest;
        } catch (...) {
            outcome.failure = std::current_exception();
            record.down = run.down();
            record.stopped_mastodon = run.has_stopped();
            record.failed_step = run.failed_step();
        }
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    note_failure(outcome, record, stop, cancelled, clock.now());
    if (!warning.empty()) record.warnings.push_back(std::move(warning));
    remember(state_directory, record, clock.now(), *log);
    const auto warnings = record.warnings.size();
    const bool stopping = stop.stop_requested() && record.cut_off_by == CutOff::service;
    co_await after_run(services, hooks, record, stopping);
    if (record.warnings.size() > warnings) remember(state_directory, record, clock.now(), *log);
    log_result(*log, state_directory, record);
    auto night = night_of(record, published ? &*published : nullptr);
    co_await remember_night(services, std::move(config), std::move(night), log);
    outcome.record = std::move(record);
    co_return outcome;
}

async::Task<Outcome> perform_dry(backup::Services services, config::Config config, RunRecord record,
                                 std::stop_token stop, std::shared_ptr<spdlog::logger> log,
                                 std::function<Cancellation()> cancelled) {
    auto& clock = services.clock;
    const auto state_directory = config.state_directory;
    record.dry_run = true;
    Outcome outcome;
    {
        backup::Run run(services, std::move(config), stop);
        try {
            const auto rehearsed = co_await run.rehearse(backup::RehearsalOf::everything);
            finish(record, rehearsed, clock.now());
            if (!rehearsed.unreachable.empty())
                throw Error(Errc::offsite,
                            fmt::format("{}", fmt::join(rehearsed.unreachable, "; ")),
                            "all other steps would succeed");
        } catch (...) {
            outcome.failure = std::current_exception();
            record.failed_step = run.failed_step();
        }
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    note_failure(outcome, record, stop, cancelled, clock.now());
    log_result(*log, state_directory, record);
    outcome.record = std::move(record);
    co_return outcome;
}

}  // namespace mastobak::daemon
