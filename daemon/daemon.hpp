// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <spdlog/fwd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "bus/connection.hpp"
#include "config/config.hpp"
#include "core/clock.hpp"
#include "daemon/control.hpp"
#include "daemon/drill_progress.hpp"
#include "daemon/drilling.hpp"
#include "daemon/health.hpp"
#include "daemon/history.hpp"
#include "daemon/journal_keeper.hpp"
#include "daemon/lane.hpp"
#include "daemon/perform.hpp"
#include "daemon/pruning.hpp"
#include "daemon/run_progress.hpp"
#include "daemon/scheduler.hpp"
#include "daemon/state.hpp"
#include "daemon/storage.hpp"
#include "daemon/uploads.hpp"
#include "units/systemd_control.hpp"

namespace mastobak::daemon {

/// The long-running process: one loop, and a lane (a coroutine) for each thing that goes on.
class Daemon {
 public:
    Daemon(config::Config config, std::shared_ptr<spdlog::logger> log);
    ~Daemon();

    /// Serves until SIGTERM; a run that is going on then is cancelled, and its clean-up awaited.
    /// Returns the exit status. Throws Error for what makes a start impossible.
    int run();

 private:
    async::Task<> serve();
    async::Task<> resume_units();
    void resume_what_others_left();
    async::Task<> one_run(RunRecord record);
    async::Task<> apply_retention(RunRecord& record);
    async::Task<> one_prune(backup::PruneOptions options);
    async::Task<> one_drill(DrillRequest request, std::string id);
    async::Task<> look_at_staging();
    async::Task<> keep_looking_at_staging();
    async::Task<> keep_watchdog();
    async::Task<> keep_patience();
    async::Task<> keep_status();
    async::Task<> handle_signals();

    std::string start_run(const char* why);
    std::string start_drill(DrillRequest request);
    void drill_if_due();
    void start_prune(backup::PruneOptions options);
    void begin_prune(backup::PruneOptions options);
    void when_something_ended();
    void remove_what_arrived();
    void hand_off(const std::string& set);
    void cancel_run();
    void remember();
    void start_schedule();
    void start_uploads();
    void reload();
    void stop();
    Lane::OnEnd lane_end(const char* name);
    void close_when_done();
    Control::Actions actions();
    State state() const;
    void tell_status();

    config::Config config_;
    std::shared_ptr<spdlog::logger> log_;
    JournalKeeper journal_{log_, config_.state_directory};
    SystemClock clock_;
    boost::asio::io_context loop_{1};
    boost::asio::thread_pool run_pool_{2};  ///< a run's blocking steps
    boost::asio::thread_pool drill_pool_{1};
    boost::asio::thread_pool upload_pool_;  ///< one thread a remote
    boost::asio::signal_set signals_{loop_, SIGTERM, SIGINT, SIGHUP};
    bus::Connection bus_{loop_};
    units::SystemdControl units_{bus_};
    History history_;
    Pruning pruning_{config_.state_directory, clock_, log_};
    Drills drills_;
    std::unique_ptr<DrillProgressBox> drilling_;  ///< the drill that is going on
    std::optional<Storage> storage_;
    std::string staging_problem_;  ///< why it cannot be used; empty: it can

    std::unique_ptr<Control> control_;
    std::unique_ptr<Scheduler> scheduler_;
    std::unique_ptr<Uploads> uploads_;
    std::unique_ptr<RunProgress> progress_;  ///< of the run that is going on
    std::stop_source stop_run_;
    std::vector<std::string> given_up_;  ///< units that stayed down, whatever was tried
    std::optional<std::string> newest_;  ///< set in staging, whose disk may hang
    std::string last_status_;

    Lane serve_lane_, resume_lane_, run_lane_, prune_lane_, drill_lane_, schedule_lane_,
        upload_lane_, watchdog_lane_, patience_lane_, status_lane_, signal_lane_, journal_lane_,
        storage_lane_;
    bool ready_ = false;
    bool stopping_ = false;
    const char* due_ = nullptr;      ///< a run, as soon as retention is done: why
    bool starting_units_ = false;    ///< Mastodon's: it may take longer than systemd waits
    bool restart_schedule_ = false;  ///< when its lane has ended: the configuration is new
    bool restart_uploads_ = false;
    std::exception_ptr failure_;
};

}  // namespace mastobak::daemon
