// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/backups/standalone_notices.hpp"

#include <chrono>
#include <utility>

#include "async/run_blocking.hpp"
#include "async/timers.hpp"
#include "core/error.hpp"
#include "daemon/backups/in_daemon.hpp"
#include "daemon/backups/in_process.hpp"
#include "daemon/records/health.hpp"
#include "daemon/records/staging_usage.hpp"

namespace mastobak::daemon {
namespace {

using namespace std::chrono_literals;

/// A target may hang until its time-out.
constexpr auto longest_notice = 60s, longest_after_stop = 5s;

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

}  // namespace mastobak::daemon
