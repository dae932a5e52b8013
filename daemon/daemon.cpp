// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/daemon.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <utility>

#include "async/timers.hpp"
#include "backup/version.hpp"
#include "config/load.hpp"
#include "core/error.hpp"
#include "daemon/resume.hpp"
#include "store/staging.hpp"
#include "units/notify.hpp"
#include "units/stopped_units.hpp"

namespace mastobak::daemon {
namespace {

namespace asio = boost::asio;
namespace notify = units::notify;
using namespace std::chrono_literals;

constexpr std::size_t upload_threads = 4;
constexpr auto patience = 30s;

}  // namespace

Daemon::Daemon(config::Config config, std::shared_ptr<spdlog::logger> log)
    : config_(std::move(config)),
      log_(std::move(log)),
      upload_pool_(std::max(upload_threads, config_.offsite.size())),
      history_(read_history(config_.state_directory, clock_.now())),
      drills_(read_drills(config_.state_directory)) {}

Daemon::~Daemon() = default;

int Daemon::run() {
    watchdog_lane_ = Lane(loop_, keep_watchdog(), lane_end("watchdog"));
    patience_lane_ = Lane(loop_, keep_patience(), lane_end("patience"));
    signal_lane_ = Lane(loop_, handle_signals(), lane_end("signals"));
    serve_lane_ = Lane(loop_, serve(), lane_end("start"));
    loop_.run();
    journal_.remember();
    if (failure_) std::rethrow_exception(failure_);
    return 0;
}

// What a killed daemon has left stopped comes first; only then are we ready.
async::Task<> Daemon::serve() {
    co_await resume_units();
    if (stopping_) co_return;
    if (history_.last_run && !history_.last_run->finished_at) {
        auto& died = *history_.last_run;
        finish(died, Error(Errc::internal, "the daemon ended in the middle of the run"),
               clock_.now());
    }
    remember();
    std::error_code ignored;
    std::filesystem::remove_all(drill_scratch(config_), ignored);  // of a drill that was killed
    co_await look_at_staging();
    co_await journal_.open(config_, units_, run_pool_);
    if (stopping_) co_return;
    journal_lane_ = Lane(loop_, journal_.keep_queue_short(), lane_end("journal"));

    start_uploads();
    start_schedule();
    control_ = std::make_unique<Control>(bus_, actions());
    status_lane_ = Lane(loop_, keep_status(), lane_end("status"));
    storage_lane_ = Lane(loop_, keep_looking_at_staging(), lane_end("storage"));
    log_->info("mastobak {} started, config={} staging={} remotes={} next_run='{}'",
               backup::version, config_.source.native(), config_.staging.path.native(),
               config_.offsite.size(),
               scheduler_->next() ? to_local_text(*scheduler_->next()) : "never");
    ready_ = true;
    notify::ready();
}

async::Task<> Daemon::resume_units() {
    starting_units_ = true;
    const auto resumed = co_await resume_what_died(units_, config_, clock_);
    starting_units_ = false;
    for (const auto& unit : resumed.started)
        log_->warn("unit={} had been left stopped by a run that died: started", unit);
    for (const auto& warning : resumed.warnings) log_->warn("{}", warning);
    for (const auto& unit : resumed.down)
        log_->critical("unit={} was stopped by a run that died and does not start", unit);
    given_up_ = backup::record_of(config_).read();
    if (!history_.last_run) co_return;
    auto& down = history_.last_run->down;
    const auto before = down;
    for (const auto& unit : resumed.started) std::erase(down, unit);
    if (!resumed.down.empty()) down = resumed.down;
    if (down != before) remember();
}

// What we do does not depend on it: a full disk is told by the run that fails for it.
void Daemon::remember() {
    try {
        write_history(config_.state_directory, history_);
    } catch (const Error& error) {
        log_->error("{}, ignoring", error.what());
    }
}

// A run without the daemon may die as well, and has no other net. What stayed down after such an
// attempt, or after a run of ours, is left to the admin.
void Daemon::resume_what_others_left() {
    const auto record = backup::record_of(config_);
    if (!units::has_leftovers(record) || record.read() == given_up_) return;
    resume_lane_ = Lane(loop_, resume_units(), lane_end("resume"));
}

async::Task<> Daemon::one_run(RunRecord record) {
    while (resume_lane_.running()) co_await async::wait_for(100ms);
    const auto config = config_;  // a reload may come at any time
    co_await journal_.open(config, units_, run_pool_);
    const backup::Services services{units_, run_pool_, clock_, *progress_, journal_.get()};
    auto outcome = co_await perform(services, config, record, stop_run_.get_token(), log_);
    record = std::move(outcome.record);
    history_.last_run = record;
    if (record.ok()) {
        history_.last_success = record;
        newest_ = record.set;
        hand_off(*record.set);
        co_await apply_retention(record);
    }
    given_up_ = backup::record_of(config).read();
    progress_.reset();
    starting_units_ = false;
    control_->finished(record);
    tell_status();
}

// The set is published whatever becomes of this: the next start finds it lacking off-site.
void Daemon::hand_off(const std::string& set) {
    try {
        uploads_->add(set);
    } catch (const Error& error) {
        log_->error(
            "set={} is staged, but its upload could not be queued: {}; hint: it is queued "
            "when mastobak is restarted",
            set, error.what());
    }
}

// While units are being started, systemd must not lose its patience with us: neither when we start
// nor when we are to stop. However many there are, as long as the loop lives.
async::Task<> Daemon::keep_patience() {
    for (;;) {
        if (starting_units_) notify::extend_timeout(patience);
        co_await async::wait_for(patience / 6);
    }
}

async::Task<> Daemon::keep_watchdog() {
    const auto interval = notify::watchdog_interval();
    while (interval) {
        notify::watchdog();
        co_await async::wait_for(*interval);
    }
}

async::Task<> Daemon::keep_status() {
    for (;;) {
        tell_status();
        co_await async::wait_for(progress_ ? 1s : 10s);
        if (!run_lane_.running() && !resume_lane_.running()) resume_what_others_left();
    }
}

async::Task<> Daemon::handle_signals() {
    while (!stopping_) {
        const int signal = co_await signals_.async_wait(asio::use_awaitable);
        if (signal == SIGHUP)
            reload();
        else
            stop();
    }
}

std::string Daemon::start_run(const char* why) {
    if (stopping_) throw Error(Errc::busy, "the daemon is shutting down");
    if (run_lane_.running())
        throw Error(Errc::busy,
                    fmt::format("a run is going on already ({})",
                                progress_ ? progress_->state().id : "ending"),
                    "mastobak status shows how far it is");
    if (prune_lane_.running())
        throw Error(Errc::busy, "retention is being applied to staging", "try it in a moment");
    const auto record = new_record(clock_.now());
    log_->info("run={} started by={}", record.id, why);
    history_.last_run = record;
    stop_run_ = {};
    progress_ = std::make_unique<RunProgress>(log_, record.id, record.started_at,
                                              [this](const std::string& step) {
                                                  starting_units_ = step == "start";
                                                  if (starting_units_)
                                                      notify::extend_timeout(patience);
                                                  tell_status();
                                              });
    run_lane_ = Lane(loop_, one_run(record), [this](std::exception_ptr failure) {
        lane_end("run")(failure);
        when_something_ended();
    });
    return record.id;
}

void Daemon::cancel_run() {
    if (!run_lane_.running()) return;
    stop_run_.request_stop();
    run_lane_.cancel();
}

void Daemon::start_schedule() {
    if (follow_schedule(history_, config_.schedule, clock_.now())) remember();
    Scheduler::Hooks hooks;
    hooks.known_since = history_.known_since;
    hooks.last_run = [this] { return last_attempt(history_); };
    hooks.due = [this](const char* why) {
        if (prune_lane_.running()) {
            due_ = why;
            return;
        }
        try {
            start_run(why);
        } catch (const Error& error) {
            log_->warn("the {} run is left out: {}, ignoring", why, error.what());
        }
    };
    scheduler_ = std::make_unique<Scheduler>(config_.schedule, clock_, std::move(hooks));
    schedule_lane_ = Lane(loop_, scheduler_->run(), [this](std::exception_ptr failure) {
        if (stopping_ || !std::exchange(restart_schedule_, false))
            return lane_end("schedule")(failure);
        start_schedule();
        tell_status();
    });
}

// The newest set goes to a remote that is new in the configuration, too.
void Daemon::start_uploads() {
    uploads_ = std::make_unique<Uploads>(config_, upload_pool_, clock_, log_, pruning_,
                                         [this] { when_something_ended(); });
    const auto newest = newest_;
    const auto remotes = uploads_->state();
    const bool lacking = std::any_of(remotes.begin(), remotes.end(), [&](const auto& remote) {
        return remote.queued == 0 && remote.newest_set < newest;
    });
    if (newest && lacking) uploads_->add(*newest);
    upload_lane_ = Lane(loop_, uploads_->run(), [this](std::exception_ptr failure) {
        if (stopping_ || !std::exchange(restart_uploads_, false))
            return lane_end("uploads")(failure);
        start_uploads();
    });
}

void Daemon::reload() {
    if (!ready_) return;  // what is being read is new already
    notify::reloading();
    auto loaded = config::load(config_.source);
    for (const auto& problem : loaded.problems) log_->error("{}", problem.to_string());
    if (loaded.problems.empty()) {
        // A run that goes on has its own copy.
        config_ = std::move(loaded.config);
        newest_ = newest_set(config_);
        restart_uploads_ = true;
        upload_lane_.cancel();
        // A schedule that was off has no lane that could end.
        restart_schedule_ = schedule_lane_.running();
        schedule_lane_.cancel();
        if (!restart_schedule_) start_schedule();
        log_->info("configuration loaded again");
    } else {
        log_->error("the configuration has problems, so the old one stays in force");
    }
    notify::ready();
}

void Daemon::stop() {
    if (stopping_) return;
    stopping_ = true;
    notify::stopping();
    if (starting_units_) notify::extend_timeout(patience);
    log_->info("stopping{}", run_lane_.running() ? ", the run is cancelled" : "");
    cancel_run();
    stop_run_.request_stop();
    for (auto* lane : {&serve_lane_, &prune_lane_, &drill_lane_, &schedule_lane_, &upload_lane_})
        lane->cancel();
    close_when_done();
}

// The watchdog is fed until the last unit runs again.
void Daemon::close_when_done() {
    for (const auto* lane :
         {&serve_lane_, &run_lane_, &prune_lane_, &drill_lane_, &schedule_lane_, &upload_lane_})
        if (lane->running()) return;
    for (auto* lane : {&watchdog_lane_, &patience_lane_, &status_lane_, &signal_lane_,
                       &journal_lane_, &storage_lane_})
        lane->cancel();
    signals_.cancel();
    bus_.close();
}

Lane::OnEnd Daemon::lane_end(const char* name) {
    return [this, name](std::exception_ptr failure) {
        // What ends by being cancelled has been asked to.
        if (failure && !stopping_) {
            log_->critical("{} ended: {}", name, describe(failure));
            failure_ = failure;
            stop();
        }
        if (stopping_) close_when_done();
    };
}

Control::Actions Daemon::actions() {
    Control::Actions actions;
    actions.start = [this] { return start_run("request"); };
    actions.cancel = [this] { cancel_run(); };
    actions.upload = [this] { uploads_->retry_now(); };
    actions.prune = [this](backup::PruneOptions options) { start_prune(options); };
    actions.drill = [this](DrillRequest request) { return start_drill(std::move(request)); };
    // By a run without us, which has written its own history.
    actions.added = [this](const std::string& set) {
        if (!std::filesystem::exists(store::Staging(config_.staging.path).set(set)))
            throw Error(Errc::config, fmt::format("there is no set '{}' in '{}'", set,
                                                  config_.staging.path.native()));
        if (!run_lane_.running()) history_ = read_history(config_.state_directory, clock_.now());
        uploads_->add(set);
        newest_ = std::max(newest_, std::optional(set));
        if (!run_lane_.running() && !prune_lane_.running()) start_prune({});
        tell_status();
    };
    actions.state = [this] { return state(); };
    return actions;
}

State Daemon::state() const {
    State state;
    state.version = backup::version;
    if (progress_) state.running = progress_->state();
    state.history = history_;
    if (scheduler_) state.next_run = scheduler_->next();
    if (uploads_) state.offsite = uploads_->state();
    state.pruned = pruning_.reports();
    state.pruning = prune_lane_.running();
    if (drilling_) state.drilling = drilling_->state();
    state.drills = drills_;
    state.storage = storage_;
    state.staging_problem = staging_problem_;
    return state;
}

void Daemon::tell_status() {
    const auto now = clock_.now();
    const auto current = state();
    const auto health = judge(current, newest_, config_, now);
    auto line = status_line(current, health, now);
    if (line == last_status_) return;
    notify::status(line);
    last_status_ = std::move(line);
}

}  // namespace mastobak::daemon
