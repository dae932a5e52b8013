// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/daemon.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <utility>

#include "async/run_blocking.hpp"
#include "async/timers.hpp"
#include "backup/version.hpp"
#include "config/load.hpp"
#include "core/error.hpp"
#include "daemon/jobs/resume.hpp"
#include "daemon/logging.hpp"
#include "daemon/records/history.hpp"
#include "store/staging.hpp"
#include "units/notify.hpp"
#include "units/stopped_units.hpp"

namespace mastobak::daemon {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::size_t upload_threads = 4;
constexpr auto patience = 30s;

}  // namespace

Daemon::Daemon(config::Config config, std::shared_ptr<spdlog::logger> log)
    : config_(std::move(config)),
      log_(std::move(log)),
      history_(read_history(config_.state_directory, clock_.now())),
      drills_(read_drills(config_.state_directory)) {
    notifier_.configure(config_.notify);
}

Daemon::~Daemon() = default;

int Daemon::run() {
    watch(keep_watchdog(), "watchdog");
    watch(keep_patience(), "patience");
    watch(handle_signals(), "signals");
    perform_all(agenda_.begin());
    loop_.run();
    journal_.save();
    if (failure_) std::rethrow_exception(failure_);
    return 0;
}

// The daemon starts orphaned units first; only then is it ready.
async::Task<> Daemon::open() {
    co_await resume_units();
    if (agenda_.stopping()) co_return;
    if (history_.last_run && !history_.last_run->finished_at) {
        auto& died = *history_.last_run;
        died.cut_off_by = CutOff::death;
        finish(died, Error(Errc::internal, "the daemon ended in the middle of the run"),
               clock_.now());
        notify_of_end(died);
    }
    remember();
    std::error_code ignored;
    std::filesystem::remove_all(drill_scratch(config_), ignored);  // remains of a killed drill
    co_await look_at_staging();
    co_await look_at_ledgers();
    co_await journal_.open(config_, units_, run_pool_);
    if (agenda_.stopping()) co_return;
    watch(journal_.keep_queue_short(), "journal");
    control_ = std::make_unique<Control>(bus_, config_.instance, actions());
    watch(keep_status(), "status");
    watch(metrics_.keep(), "metrics");
    watch(notifier_.keep(), "notifications");
    watch(keep_looking_at_staging(), "storage");
}

void Daemon::ended(Work work, std::exception_ptr failure) {
    if (work == Work::drill) drilling_.reset();
    if (work == Work::scrub) scrubbing_.reset();
    if (work == Work::run) packs_arrived_ = true;
    // The exception of a cancelled work counts, too. The agenda ignores it if it has requested the
    // cancellation: when it stops the daemon or restarts the work.
    const bool failed = failure != nullptr;
    const bool was_ready = agenda_.ready();
    const bool was_stopping = agenda_.stopping();
    auto actions = agenda_.end(work, failed, facts());
    if (failed && !was_stopping && agenda_.stopping()) {
        fail(to_string(work).data(), failure);
        units::notify::stopping();
    }
    perform_all(actions);
    if (!was_ready && agenda_.ready()) {
        const WithFields fields({.event = events::daemon_started});
        log_->info("mastobak {} started, config={} staging={} remotes={} next_run='{}'",
                   backup::version, config_.source.native(), config_.staging.path.native(),
                   config_.offsite.size(),
                   scheduler_ && scheduler_->next() ? to_local_text(*scheduler_->next()) : "never");
        units::notify::ready();
    }
    // The schedule must take the time of the retry into account.
    if (work == Work::run && history_.last_run && retry_at(*history_.last_run, config_.schedule))
        perform_all(agenda_.again(Work::schedule));
    if (control_ && !agenda_.stopping()) tell_status();
}

// An exception of a watcher stops the daemon, except when the daemon is stopping already.
void Daemon::watch(async::Task<> task, const char* name) {
    watchers_.emplace_back(loop_.get_executor(), std::move(task),
                           [this, name](std::exception_ptr failure) {
                               if (!failure || agenda_.stopping()) return;
                               fail(name, failure);
                               stop();
                           });
}

void Daemon::fail(const char* what, std::exception_ptr failure) {
    const WithFields fields({.event = events::daemon_failed});
    log_->critical("{} ended: {}", what, describe(failure));
    failure_ = std::move(failure);
}

// Keeps the watchdog alive until the last unit runs again.
void Daemon::close() {
    for (auto& watcher : watchers_) watcher.cancel();
    notifier_.stop();
    signals_.cancel();
    bus_.close();
}

async::Task<> Daemon::resume_units() {
    starting_units_ = true;
    const auto resumed = co_await resume_orphaned_units(units_, config_, clock_);
    starting_units_ = false;
    for (const auto& unit : resumed.started)
        log_->warn("unit={} had been left stopped by a run that died: started", unit);
    for (const auto& warning : resumed.warnings) log_->warn("{}", warning);
    for (const auto& unit : resumed.down) {
        const WithFields fields({.event = events::units_down});
        log_->critical("unit={} was stopped by a run that died and does not start", unit);
    }
    failed_to_start_ = backup::record_of(config_).read();
    if (!history_.last_run) co_return;
    auto& down = history_.last_run->down;
    const auto before = down;
    for (const auto& unit : resumed.started) std::erase(down, unit);
    if (!resumed.down.empty()) down = resumed.down;
    if (down != before) remember();
}

// A failure is only logged, because the daemon does not depend on the file. If the disk is full, a
// run reports it.
void Daemon::remember() {
    try {
        write_history(config_.state_directory, history_);
    } catch (const Error& error) {
        log_->error("{}, ignoring", error.what());
    }
}

// Also finds the orphaned units of a killed `run --standalone`. Units that already failed to start
// are left to the admin.
void Daemon::look_for_leftovers() {
    const auto record = backup::record_of(config_);
    if (units::has_leftovers(record, backup::stop_options(config_)) &&
        record.read() != failed_to_start_)
        perform_all(agenda_.leftovers());
}

async::Task<> Daemon::make_run(const std::string& why) {
    const auto now = clock_.now();
    auto record = new_record(now, why, history_.last_run);
    record.note = std::exchange(note_, {});
    const WithFields fields({.run = record.id, .event = events::run_started});
    log_->info("run={} started by={}", record.id, why);
    history_.last_run = record;
    notifier_.send(message_of_start(record, config_.instance));
    stop_run_ = {};
    cancellation_ = {CutOff::service, " because the daemon was stopped"};
    progress_ = std::make_unique<RunProgress>(
        log_, record.id, record.started_at,
        [this](const std::string& step) {
            starting_units_ = step == "start";
            if (starting_units_) units::notify::extend_timeout(patience);
            tell_status();
        },
        read_acknowledged(config_.state_directory));
    return one_run(record);
}

async::Task<> Daemon::one_run(RunRecord record) {
    const auto config = config_;  // a reload may come at any time
    std::exception_ptr failure;
    try {
        co_await journal_.open(config, units_, run_pool_);
    } catch (...) {
        failure = std::current_exception();  // a cancellation; after other errors, the run walks
    }
    Outcome outcome;
    if (failure || stop_run_.stop_requested()) {
        // Otherwise each later co_await would throw.
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        outcome = never_begun(config, record, clock_.now(), *log_, cancellation_);
    } else {
        const backup::Services services{units_, run_pool_, clock_, *progress_, journal_.get()};
        outcome = co_await perform(services, config, record, stop_run_.get_token(), log_,
                                   [this] { return cancellation_; });
    }
    record = std::move(outcome.record);
    note(history_, record);
    if (record.ok()) {
        newest_ = record.set;
        hand_off(*record.set);
        co_await apply_retention(record);
    }
    failed_to_start_ = backup::record_of(config).read();
    progress_.reset();
    starting_units_ = false;
    leave_out_acknowledged(config.state_directory, record);
    notify_of_end(record);
    control_->finished(record);
    tell_status();
    co_await keep_report();
}

// The set is published even if this fails. The next start detects that it is not at the remotes.
void Daemon::hand_off(const std::string& set) {
    try {
        if (!uploads_) throw Error(Errc::offsite, "the upload worker does not run");
        uploads_->add(set);
    } catch (const Error& error) {
        log_->error(
            "set={} is staged, but its upload could not be queued: {}; hint: it is queued "
            "when mastobak is restarted",
            set, error.what());
    }
}

// While units are being started, this extends systemd's timeout for the start or stop of the
// daemon, for any number of units, as long as the loop runs.
async::Task<> Daemon::keep_patience() {
    for (;;) {
        if (starting_units_) units::notify::extend_timeout(patience);
        co_await async::wait_for(patience / 6);
    }
}

async::Task<> Daemon::keep_watchdog() {
    const auto interval = units::notify::watchdog_interval();
    while (interval) {
        units::notify::watchdog();
        co_await async::wait_for(*interval);
    }
}

async::Task<> Daemon::keep_status() {
    for (;;) {
        tell_status();
        co_await async::wait_for(progress_ ? 1s : 10s);
        look_for_leftovers();
    }
}

async::Task<> Daemon::handle_signals() {
    while (!agenda_.stopping()) {
        const int signal = co_await signals_.async_wait(asio::use_awaitable);
        if (signal == SIGHUP)
            reload();
        else
            stop();
    }
}

async::Task<> Daemon::make_schedule() {
    if (follow_schedule(history_, config_.schedule, clock_.now())) remember();
    Scheduler::Hooks hooks;
    hooks.known_since = history_.known_since;
    hooks.last_run = [this] { return last_attempt(history_); };
    hooks.due = [this](const char* why) { perform_all(agenda_.due(why)); };
    hooks.retry = [this]() -> std::optional<Timestamp> {
        if (!history_.last_run) return std::nullopt;
        return retry_at(*history_.last_run, config_.schedule);
    };
    scheduler_ = std::make_unique<Scheduler>(config_.schedule, clock_, std::move(hooks));
    return scheduler_->run();
}

// Also queues the newest set for a remote that is new in the configuration. The previous worker and
// all its tasks in the pool have ended.
async::Task<> Daemon::make_uploads() {
    uploads_.reset();
    upload_pool_ =
        std::make_unique<asio::thread_pool>(std::max(upload_threads, config_.offsite.size()));
    auto uploads = upload_worker(
        config_, *upload_pool_, clock_, log_, pruning_,
        [this] {
            packs_arrived_ = true;
            perform_all(agenda_.look(facts()));
        },
        [this] { perform_all(agenda_.upload_begins()); });
    const auto newest = newest_;
    const auto remotes = uploads->state();
    const bool lacking = std::any_of(remotes.begin(), remotes.end(), [&](const auto& remote) {
        return remote.queued == 0 && remote.newest_set < newest;
    });
    if (newest && lacking) uploads->add(*newest);
    uploads_ = std::move(uploads);
    return uploads_->run();
}

void Daemon::reload() {
    if (!agenda_.ready()) return;  // a starting daemon has just read the configuration
    units::notify::reloading();
    auto loaded = config::load(config_.source, config_.instance);
    const WithFields fields(
        {.event = loaded.problems.empty() ? MessageId{} : events::configuration_refused});
    for (const auto& problem : loaded.problems) log_->error("{}", problem.to_string());
    if (loaded.problems.empty()) {
        // A run in progress has its own copy.
        config_ = std::move(loaded.config);
        notifier_.configure(config_.notify);
        reload_problem_.clear();
        perform_all(agenda_.reload());
        staging_looks_.cancel();  // the path may have changed
        log_->info("configuration loaded again");
    } else {
        reload_problem_ = loaded.problems.front().to_string();
        log_->error("the configuration has problems, so the old one stays in force");
    }
    units::notify::ready();
    tell_status();
}

void Daemon::stop() {
    if (agenda_.stopping()) return;
    units::notify::stopping();
    if (starting_units_) units::notify::extend_timeout(patience);
    log_->info("stopping{}", agenda_.is_under_way(Work::run) ? ", the run is cancelled" : "");
    perform_all(agenda_.stop());
}

}  // namespace mastobak::daemon
