// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/backups/standalone_run.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "async/job.hpp"
#include "async/run_blocking.hpp"
#include "async/timers.hpp"
#include "bus/connection.hpp"
#include "containers/units_and_containers.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/process/privilege.hpp"
#include "daemon/backups/in_daemon.hpp"
#include "daemon/backups/in_process.hpp"
#include "daemon/jobs/journal_keeper.hpp"
#include "daemon/jobs/recorded_run.hpp"
#include "daemon/jobs/retention_job.hpp"
#include "daemon/jobs/run_progress.hpp"
#include "daemon/jobs/uploads.hpp"
#include "daemon/logging.hpp"
#include "daemon/privileges.hpp"
#include "daemon/records/health.hpp"
#include "daemon/records/history.hpp"
#include "daemon/records/staging_usage.hpp"
#include "units/systemd_control.hpp"

namespace mastobak::daemon {
namespace {

using namespace std::chrono_literals;

/// A target may hang until its time-out.
constexpr auto longest_notice = 60s, longest_after_stop = 5s;

namespace asio = boost::asio;

/// Makes the runtime directory of an instance with a name, as its unit does at its first start. The
/// package makes that of the instance without one.
void prepare_runtime_directory(const config::Config& config) {
    const auto& directory = config.runtime_directory;
    const bool own = directory == config.instance.runtime_directory();
    if (!config.instance.has_name() || !own || ::geteuid() != 0) return;
    std::error_code ignored;
    if (std::filesystem::exists(directory, ignored)) return;
    make_directories(directory, 0755, Errc::environment);
    give_to_user(directory, "mastobak");
}

/// Notifies the daemon of a new set. Returns whether there is a daemon, which then uploads the set.
bool told_daemon(const Options& options, const std::string& set) {
    try {
        InDaemon(options).added(set);
        return true;
    } catch (const Error&) {
        return false;
    }
}

/// Does the same for one run as the daemon.
class StandaloneRun {
 public:
    /// \param journal null: there is none
    StandaloneRun(const Options& options, config::Config config,
                  std::unique_ptr<media::ChangeJournal> journal, Backups::OnProgress show)
        : options_(options),
          config_(std::move(config)),
          journal_(std::move(journal)),
          show_(std::move(show)),
          log_(make_logger(options.verbose)),
          record_(new_record(clock_.now())),
          progress_(
              log_, record_.id, record_.started_at,
              [this](const std::string&) {
                  show_(progress_.state());
                  if (!dry_) notices_.begun(record_);
              },
              read_acknowledged(config_.state_directory)) {
        if (!options.verbose) log_->set_level(spdlog::level::warn);
    }

    RunRecord run(bool dry, bool upload, const std::string& note) {
        record_.note = note;
        dry_ = dry;
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
                notices_.stop();
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
        return outcome_.record;
    }

 private:
    async::Task<> work(bool upload) {
        backup::Services services{control_, pool_, clock_, progress_, journal_.get()};
        outcome_ = co_await perform(services, config_, record_, stop_.get_token(), log_);
        auto record = outcome_.record;
        leave_out_acknowledged(config_.state_directory, record);
        co_await notices_.ended(std::move(record));
        if (outcome_.record.ok()) co_await hand_off(*outcome_.record.set, upload);
        if (notices_.sends()) co_await notices_.finish(state_of_remotes(), stop_.get_token());
    }

    std::vector<offsite::RemoteState> state_of_remotes() {
        try {
            return upload_worker(config_, pool_, clock_, log_, pruning_)->state();
        } catch (const std::exception&) {
            return {};  // the run has reported why the state directory cannot be read
        }
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
            if (!outcome_.record.finished_at) show_(progress_.state());
        }
    }

    // The set is published, even if this fails.
    async::Task<> hand_off(std::string set, bool upload) {
        try {
            // The daemon has its own queue, and two upload workers would disturb each other.
            if (told_daemon(options_, set)) co_return;
            const auto uploads = upload_worker(config_, pool_, clock_, log_, pruning_);
            uploads->add(set);
            auto warnings = co_await pruning_.prune_staging(pool_, config_, {}, stop_.get_token());
            for (auto& warning : warnings) outcome_.record.warnings.push_back(std::move(warning));
            if (!upload) co_return;
            co_await uploads->drain();
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
    const Backups::OnProgress show_;
    SystemClock clock_;
    std::shared_ptr<spdlog::logger> log_;
    RunRecord record_;
    RunProgress progress_;
    asio::io_context loop_{1};
    asio::thread_pool pool_{4};
    asio::signal_set signals_{loop_, SIGINT, SIGTERM, SIGHUP};
    bus::Connection bus_{loop_};
    units::SystemdControl systemd_{bus_};
    containers::UnitsAndContainers control_{systemd_, config_.instance.containers_socket()};
    Pruning pruning_{config_.state_directory, clock_, log_};
    StandaloneNotices notices_{loop_, options_, config_, clock_, log_};
    std::stop_source stop_;
    bool dry_ = false;
    async::Job<> job_, journal_job_, report_job_;
    Outcome outcome_;
    std::exception_ptr failure_;
};

}  // namespace

StandaloneNotices::StandaloneNotices(boost::asio::io_context& loop, const Options& options,
                                     const config::Config& config, const Clock& clock,
                                     std::shared_ptr<spdlog::logger> log)
    : loop_(loop),
      options_(options),
      config_(config),
      clock_(clock),
      log_(std::move(log)),
      last_lines_(remember_lines(*log_)) {}

void StandaloneNotices::begun(const RunRecord& record) {
    if (std::exchange(begun_, true)) return;
    beginning_ = async::Job<>(loop_.get_executor(), begin(record), [](std::exception_ptr) {});
}

async::Task<> StandaloneNotices::begin(RunRecord record) {
    const bool told = co_await told_daemon(record.id);
    if (!told && !config_.notify.empty()) own().send(message_of_start(record, config_.instance));
}

async::Task<> StandaloneNotices::ended(RunRecord record) {
    co_await beginning_.ends_within(longest_notice);
    const bool told = co_await told_daemon(record.id);
    if (!told && !config_.notify.empty())
        own().send(message_of_end(record, last_lines_->with("run=" + record.id), config_.instance));
}

async::Task<> StandaloneNotices::finish(std::vector<offsite::RemoteState> offsite,
                                        std::stop_token stop) {
    const auto now = clock_.now();
    auto state = InProcess(options_).state();
    state.offsite = std::move(offsite);
    const auto health = judge(state, newest_set(config_), config_, now);
    notifier_->update(health, state.history, config_.alerts, true);
    const auto begun = clock_.steady();
    while (notifier_->busy()) {
        const auto limit = stop.stop_requested() ? longest_after_stop : longest_notice;
        if (clock_.steady() - begun > limit) break;
        co_await async::wait_for(50ms);
    }
}

void StandaloneNotices::stop() {
    beginning_.cancel();
    keeping_.cancel();
    if (notifier_) notifier_->stop();
}

async::Task<bool> StandaloneNotices::told_daemon(std::string id) {
    auto work = [options = options_, id = std::move(id)](std::stop_token) {
        try {
            InDaemon(options).ran(id);
            return true;
        } catch (const Error&) {
            return false;
        }
    };
    co_return co_await async::run_blocking(pool_, std::move(work));
}

Notifier& StandaloneNotices::own() {
    if (notifier_) return *notifier_;
    notifier_.emplace(loop_, clock_, log_, config_.state_directory, config_.instance);
    notifier_->configure(config_.notify);
    keeping_ = async::Job<>(loop_.get_executor(), notifier_->keep(), [](std::exception_ptr) {});
    return *notifier_;
}

RunRecord run_standalone(const Options& options, const RunRequest& request,
                         const Backups::OnProgress& show) {
    auto config = load_config(options);
    auto journal = request.dry ? nullptr : make_own_journal(config);
    prepare_runtime_directory(config);
    become_owner_of(config.state_directory);
    return StandaloneRun(options, std::move(config), std::move(journal), show)
        .run(request.dry, !request.no_upload, request.note);
}

}  // namespace mastobak::daemon
