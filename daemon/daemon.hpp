// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <spdlog/fwd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "async/job.hpp"
#include "bus/connection.hpp"
#include "config/config.hpp"
#include "containers/units_and_containers.hpp"
#include "core/clock.hpp"
#include "daemon/agenda.hpp"
#include "daemon/control.hpp"
#include "daemon/jobs/drill_job.hpp"
#include "daemon/jobs/journal_keeper.hpp"
#include "daemon/jobs/metrics_file.hpp"
#include "daemon/jobs/notifier.hpp"
#include "daemon/jobs/recorded_run.hpp"
#include "daemon/jobs/retention_job.hpp"
#include "daemon/jobs/run_progress.hpp"
#include "daemon/jobs/scrub_job.hpp"
#include "daemon/jobs/uploads.hpp"
#include "daemon/logging.hpp"
#include "daemon/records/daemon_state.hpp"
#include "daemon/records/health.hpp"
#include "daemon/records/history.hpp"
#include "daemon/records/staging_usage.hpp"
#include "daemon/scheduler.hpp"
#include "units/systemd_control.hpp"

namespace mastobak::daemon {

/// The long-running process: one event loop, and one coroutine for each work in progress. The
/// Agenda decides which work starts and ends; this class performs it.
class Daemon {
 public:
    Daemon(config::Config config, std::shared_ptr<spdlog::logger> log);
    ~Daemon();

    /// Serves until SIGTERM. A run in progress is then cancelled, and its clean-up is awaited.
    /// \return the exit status
    /// Throws Error when the daemon cannot start.
    int run();

 private:
    async::Task<> open();
    async::Task<> resume_units();
    void look_for_leftovers();
    async::Task<> one_run(RunRecord record);
    async::Task<> apply_retention(RunRecord& record);
    async::Task<> one_prune(backup::PruneOptions options);
    async::Task<> one_drill(DrillRequest request, std::string id);
    async::Task<> make_scrub();
    async::Task<> look_at_ledgers();
    async::Task<> keep_report();
    async::Task<> look_at_staging();
    async::Task<> keep_looking_at_staging();
    async::Task<> keep_watchdog();
    async::Task<> keep_patience();
    async::Task<> keep_status();
    async::Task<> handle_signals();
    async::Task<> check_added(std::string set);

    void perform_all(const Actions& actions);
    void begin(const Action& action);
    async::Task<> task_of(const Action& action);
    void ended(Work work, std::exception_ptr failure);
    void watch(async::Task<> task, const char* name);
    void fail(const char* what, std::exception_ptr failure);
    void close();
    Facts facts();
    bool drill_is_due_now();

    async::Task<> make_run(const std::string& why);
    async::Task<> make_dry_run();
    async::Task<> one_dry_run(RunRecord record);
    async::Task<> make_schedule();
    async::Task<> make_uploads();
    async::Task<> make_drill();
    std::string start_run(std::string note);
    std::string start_drill(DrillRequest request);
    void start_prune(backup::PruneOptions options);
    void hand_off(const std::string& set);
    void cancel_run(CutOff by, std::string text);
    void remember();
    void reload();
    void stop();
    Control::Actions actions();
    State state() const;
    void tell_status();
    void notify_of_end(const RunRecord& record);
    void notify_of_other(const std::string& id);
    void notify_of_health(const State& current, const Health& health);

    config::Config config_;
    std::shared_ptr<spdlog::logger> log_;
    JournalKeeper journal_{log_, config_.state_directory};
    SystemClock clock_;
    boost::asio::io_context loop_{1};
    boost::asio::thread_pool run_pool_{2};  ///< blocking steps of a run
    boost::asio::thread_pool drill_pool_{1};
    boost::asio::thread_pool scrub_pool_{1};
    /// at least one thread for each remote
    std::unique_ptr<boost::asio::thread_pool> upload_pool_;
    boost::asio::signal_set signals_{loop_, SIGTERM, SIGINT, SIGHUP};
    bus::Connection bus_{loop_};
    units::SystemdControl systemd_{bus_};
    containers::UnitsAndContainers units_{systemd_, config_.instance.containers_socket()};
    MetricsFile metrics_{loop_, clock_, log_, config_.instance};
    Notifier notifier_{loop_, clock_, log_, config_.state_directory, config_.instance};
    std::shared_ptr<LastLines> last_lines_ = remember_lines(*log_);
    History history_;
    Pruning pruning_{config_.state_directory, clock_, log_};
    Drills drills_;
    std::shared_ptr<DrillProgressBox> drilling_;   ///< the drill in progress
    std::shared_ptr<DrillProgressBox> scrubbing_;  ///< the slice in progress
    std::vector<scrub::Summary> scrubs_;           ///< state of each place after the last slice
    std::optional<Timestamp> next_slice_;          ///< nullopt: as soon as no other work runs
    std::optional<Storage> storage_;
    std::string staging_problem_;  ///< why staging cannot be used; empty when it can
    std::string reload_problem_;   ///< error of the rejected configuration; empty when none was
    /// a run ended or a set reached a remote since the last eviction
    bool packs_arrived_ = false;
    boost::asio::steady_timer staging_looks_{loop_};
    async::Job<> added_;

    std::unique_ptr<Control> control_;
    std::unique_ptr<Scheduler> scheduler_;
    std::unique_ptr<offsite::Worker> uploads_;
    std::unique_ptr<RunProgress> progress_;            ///< progress of the current run or dry run
    std::optional<RunRecord> dry_run_;                 ///< the last dry run
    std::stop_source stop_run_;                        ///< stops the work that uses staging
    Cancellation cancellation_;                        ///< cancellation of the current run
    std::string note_;                                 ///< note of the next run that was requested
    backup::PruneOptions prune_options_{};             ///< options of the next retention
    DrillRequest drill_request_{.signed_only = true};  ///< request of the next drill
    std::string drill_id_{};
    std::vector<std::string> failed_to_start_;  ///< units that failed to start again
    /// newest set; cached because the disk of staging may hang
    std::optional<std::string> newest_;
    std::string last_status_;

    Agenda agenda_;
    std::map<Work, async::Job<>> jobs_;
    std::vector<async::Job<>> watchers_;  ///< tasks that end only with the daemon
    bool starting_units_ = false;         ///< Mastodon's units: may exceed systemd's time-out
    std::exception_ptr failure_;
};

}  // namespace mastobak::daemon
