// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/perform.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/this_coro.hpp>
#include <utility>

#include "core/error.hpp"
#include "daemon/acknowledged.hpp"
#include "daemon/logging.hpp"

namespace mastobak::daemon {
namespace {

namespace asio = boost::asio;

// Without it a run still is a run: a full disk must not turn a good set into a failure.
void remember(const std::filesystem::path& state_directory, const RunRecord& record, Timestamp now,
              spdlog::logger& log) {
    try {
        auto history = read_history(state_directory, now);
        history.last_run = record;
        if (record.ok()) history.last_success = record;
        write_history(state_directory, history);
    } catch (const std::exception& error) {
        log.warn("run={} {}, ignoring", record.id, error.what());
    }
}

void log_result(spdlog::logger& log, const std::filesystem::path& state_directory,
                RunRecord record) {
    leave_out_acknowledged(state_directory, record);
    const auto took = record.finished_at.value_or(record.started_at) - record.started_at;
    if (record.ok())
        log.info("run={} result=success set={} size='{}' took='{}' downtime='{}' warnings={}",
                 record.id, *record.set, to_string(record.size), to_text(took),
                 to_text(record.downtime), record.warnings.size());
    else
        log.error("run={} result=failed code={} took='{}' error={} hint={}", record.id,
                  record.error_code, to_text(took), quoted_value(record.error),
                  quoted_value(record.hint));
}

/// Notes what has cancelled the run. Returns the error that it ends with.
Error cancel(RunRecord& record, const Cancellation& cancellation) {
    record.cut_off_by = cancellation.by;
    return Error(Errc::cancelled, "the run was cancelled" + cancellation.text);
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
    {
        backup::Run run(services, std::move(config), stop);
        try {
            const auto result = co_await run.execute();
            finish(record, result, clock.now());
        } catch (...) {
            outcome.failure = std::current_exception();
            record.down = run.down();
            record.stopped_mastodon = run.has_stopped();
        }
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    if (outcome.failure) {
        const auto error = stop.stop_requested()
                               ? cancel(record, cancelled ? cancelled() : Cancellation{})
                               : as_error(outcome.failure);
        outcome.failure = std::make_exception_ptr(error);
        finish(record, error, clock.now());
    }
    remember(state_directory, record, clock.now(), *log);
    log_result(*log, state_directory, record);
    outcome.record = std::move(record);
    co_return outcome;
}

}  // namespace mastobak::daemon
