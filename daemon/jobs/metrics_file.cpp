// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/jobs/metrics_file.hpp"

#include <spdlog/spdlog.h>

#include <system_error>
#include <utility>

#include "async/run_blocking.hpp"
#include "async/timers.hpp"
#include "core/error.hpp"
#include "daemon/records/metrics.hpp"

namespace mastobak::daemon {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// The alert for a dead daemon in README relies on this interval.
constexpr auto rewrite_every = 5min;
constexpr auto retry_writing_after = 10s;
/// A pause, because the numbers change all the time during an upload.
constexpr auto pause_after_write = 5s;

}  // namespace

MetricsFile::MetricsFile(asio::io_context& loop, const Clock& clock,
                         std::shared_ptr<spdlog::logger> log, Instance instance)
    : clock_(clock), log_(std::move(log)), instance_(std::move(instance)), changed_(loop) {}

void MetricsFile::update(const std::filesystem::path& file, const State& state,
                         const Health& health) {
    const auto& last = state.history.last_run;
    if (last && last->finished_at) last_run_ = last;
    wanted_ = file;
    text_ = file.empty() ? std::string()
                         : metrics::to_text(gauges_of(state, health, last_run_, instance_));
    if (is_due() && problem_.empty()) changed_.cancel();
}

bool MetricsFile::is_due() const {
    if (wanted_ != file_) return true;
    return !wanted_.empty() &&
           (text_ != written_ || clock_.steady() - written_at_ >= rewrite_every);
}

async::Task<> MetricsFile::keep() {
    for (;;) {
        if (!is_due()) {
            co_await wait();
            continue;
        }
        if (wanted_ != file_ && !file_.empty()) {
            co_await remove(std::exchange(file_, {}));
            continue;
        }
        co_await write(wanted_, text_);
        if (problem_.empty())
            co_await async::wait_for(pause_after_write);
        else
            co_await wait();
    }
}

// Waits for the next update(), or until the file has to be written again.
async::Task<> MetricsFile::wait() {
    co_await async::sleep_on(changed_, problem_.empty()
                                           ? std::chrono::nanoseconds(rewrite_every)
                                           : std::chrono::nanoseconds(retry_writing_after));
}

async::Task<> MetricsFile::write(std::filesystem::path file, std::string text) {
    std::string problem;
    async::BlockingWork work = [file, text](std::stop_token) {
        metrics::write_textfile(file, text);
    };
    try {
        co_await async::run_blocking(pool_, std::move(work));
        file_ = file;
        written_ = std::move(text);
        written_at_ = clock_.steady();
    } catch (const Error& error) {
        if (error.code() == Errc::cancelled) throw;
        problem = error.what();
    }
    if (!problem.empty() && problem != problem_)
        log_->warn("metrics={} {}, will retry; hint: mastobak check-config", file.native(),
                   problem);
    if (problem.empty() && !problem_.empty())
        log_->info("metrics={} can be written again", file.native());
    problem_ = std::move(problem);
}

// With a file that is no longer updated, a monitoring system would show a healthy host.
async::Task<> MetricsFile::remove(std::filesystem::path file) {
    async::BlockingWork work = [file](std::stop_token) {
        std::error_code ignored;
        std::filesystem::remove(file, ignored);
    };
    co_await async::run_blocking(pool_, std::move(work));
}

}  // namespace mastobak::daemon
