// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <csignal>
#include <memory>

#include "async/job.hpp"
#include "async/timers.hpp"
#include "bus/connection.hpp"
#include "core/error.hpp"
#include "daemon/cli/command.hpp"
#include "daemon/cli/daemon_client.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/progress_view.hpp"
#include "daemon/jobs/journal_group.hpp"
#include "daemon/jobs/recorded_run.hpp"
#include "daemon/jobs/retention_job.hpp"
#include "daemon/jobs/retry.hpp"
#include "daemon/jobs/run_progress.hpp"
#include "daemon/jobs/uploads.hpp"
#include "daemon/logging.hpp"
#include "daemon/privileges.hpp"
#include "units/systemd_control.hpp"

namespace mastobak::daemon {
namespace {

namespace asio = boost::asio;

/// The signal handler for Ctrl-C, which ends the command but not the run.
void say_that_the_run_continues(int) {
    constexpr std::string_view text =
        "\nmastobak: the run continues in the daemon; mastobak run --follow follows it again, "
        "mastobak cancel ends it\n";
    write_error_in_handler(text);
    ::_exit(128 + SIGINT);
}

std::string start_run(DaemonClient& daemon) {
    try {
        return daemon.start();
    } catch (const Error& error) {
        if (error.code() != Errc::busy) throw;
        throw Error(Errc::busy, error.text(), "mastobak run --follow follows the one in progress");
    }
}

std::string id_of_running(DaemonClient& daemon) {
    const auto state = daemon.state();
    if (state.running) return state.running->id;
    throw Error(Errc::usage, "no run is in progress", "mastobak run starts one");
}

int run_in_daemon(const Options& options, const RunRequest& request) {
    DaemonClient daemon(options);
    RunReport report(options);
    const auto id = request.follow ? id_of_running(daemon)
                    : request.dry  ? daemon.start_dry()
                                   : start_run(daemon);
    std::signal(SIGINT, say_that_the_run_continues);
    return report.finish(
        daemon.follow(id, [&report](const RunningState& state) { report.show(state); }));
}

/// Notifies the daemon of a new set. Returns whether there is a daemon, which then uploads the set.
bool told_daemon(const Options& options, const std::string& set) {
    try {
        DaemonClient(options).added(set);
        return true;
    } catch (const Error&) {
        return false;
    }
}

/// `run --standalone`: does the same for one run as the daemon.
class Standalone {
 public:
    /// \param journal null: there is none
    Standalone(const Options& options, config::Config config,
               std::unique_ptr<media::ChangeJournal> journal)
        : options_(options),
          config_(std::move(config)),
          journal_(std::move(journal)),
          log_(make_logger(options.verbose)),
          report_(options),
          record_(new_record(clock_.now())),
          progress_(
              log_, record_.id, record_.started_at,
              [this](const std::string&) { report_.show(progress_.state()); },
              read_acknowledged(config_.state_directory)) {
        if (!options.verbose) log_->set_level(spdlog::level::warn);
    }

    int run(bool dry, bool upload) {
        signals_.async_wait([this](boost::system::error_code error, int) {
            if (error) return;
            stop_.request_stop();
            job_.cancel();
        });
        auto task = dry ? dry_work() : work(upload);
        job_ =
            async::Job<>(loop_.get_executor(), std::move(task), [this](std::exception_ptr failure) {
                if (failure) failure_ = failure;
                signals_.cancel();
                journal_job_.cancel();
                report_job_.cancel();
                bus_.close();
            });
        report_job_ =
            async::Job<>(loop_.get_executor(), keep_reporting(), [](std::exception_ptr) {});
        if (journal_)
            journal_job_ =
                async::Job<>(loop_.get_executor(), keep_queue_short(), [](std::exception_ptr) {});
        loop_.run();
        if (failure_) std::rethrow_exception(failure_);
        leave_out_acknowledged(config_.state_directory, outcome_.record);
        return report_.finish(outcome_.record);
    }

 private:
    async::Task<> work(bool upload) {
        backup::Services services{control_, pool_, clock_, progress_, journal_.get()};
        outcome_ = co_await perform(services, config_, record_, stop_.get_token(), log_);
        if (!outcome_.record.ok()) co_return;
        co_await hand_off(*outcome_.record.set, upload);
    }

    async::Task<> dry_work() {
        backup::Services services{control_, pool_, clock_, progress_};
        outcome_ = co_await perform_dry(services, config_, record_, stop_.get_token(), log_);
    }

    // During a first copy of hours, the kernel would keep all unread events in memory.
    async::Task<> keep_queue_short() {
        for (;;) {
            journal_->drain();
            co_await async::wait_for(std::chrono::seconds(1));
        }
    }

    async::Task<> keep_reporting() {
        for (;;) {
            co_await async::wait_for(std::chrono::milliseconds(250));
            if (!outcome_.record.finished_at) report_.show(progress_.state());
        }
    }

    // The set is published, even if this fails.
    async::Task<> hand_off(std::string set, bool upload) {
        try {
            // The daemon has its own queue, and two upload workers would disturb each other.
            if (told_daemon(options_, set)) co_return;
            Uploads uploads(config_, pool_, clock_, log_, pruning_);
            uploads.add(set);
            auto warnings = co_await pruning_.prune_staging(pool_, config_, {}, stop_.get_token());
            for (auto& warning : warnings) outcome_.record.warnings.push_back(std::move(warning));
            if (!upload) co_return;
            co_await uploads.drain();
            if (!config_.staging.keep_packs)
                co_await pruning_.prune_staging(pool_, config_, {}, stop_.get_token());
        } catch (const std::exception& error) {
            log_->warn("set={} is staged, but not off-site yet: {}; hint: mastobak upload", set,
                       error.what());
        }
    }

    const Options options_;
    const config::Config config_;
    const std::unique_ptr<media::ChangeJournal> journal_;
    SystemClock clock_;
    std::shared_ptr<spdlog::logger> log_;
    RunReport report_;
    RunRecord record_;
    RunProgress progress_;
    asio::io_context loop_{1};
    asio::thread_pool pool_{4};
    asio::signal_set signals_{loop_, SIGINT, SIGTERM, SIGHUP};
    bus::Connection bus_{loop_};
    units::SystemdControl control_{bus_};
    Pruning pruning_{config_.state_directory, clock_, log_};
    std::stop_source stop_;
    async::Job<> job_, journal_job_, report_job_;
    Outcome outcome_;
    std::exception_ptr failure_;
};

}  // namespace

int command_run(const Options& options, const RunRequest& request) {
    if (!request.standalone) return run_in_daemon(options, request);
    auto config = load_config(options);
    auto journal = request.dry ? nullptr : make_own_journal(config);
    become_owner_of(config.state_directory);
    return Standalone(options, std::move(config), std::move(journal))
        .run(request.dry, request.upload);
}

}  // namespace mastobak::daemon
