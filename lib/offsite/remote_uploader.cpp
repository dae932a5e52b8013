// SPDX-License-Identifier: GPL-3.0-or-later
#include "offsite/remote_uploader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <set>
#include <system_error>
#include <utility>

#include "core/error.hpp"

namespace mastobak::offsite {
namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

/// The end of a back-off is a wall-clock time, but timers do not advance while the machine sleeps.
/// Therefore the uploader checks at this interval.
constexpr std::chrono::nanoseconds longest_wait = std::chrono::minutes(1);

auto find(std::vector<Job>& jobs, const std::string& set) {
    return std::find_if(jobs.begin(), jobs.end(), [&](const Job& job) { return job.set == set; });
}

}  // namespace

RemoteUploader::RemoteUploader(Services& services, std::unique_ptr<Remote> remote,
                               std::vector<Job> jobs)
    : services_(services),
      remote_(std::move(remote)),
      jobs_(std::move(jobs)),
      sent_(std::make_shared<std::atomic<std::uint64_t>>(0)) {}

void RemoteUploader::add(const std::string& set) {
    Job job;
    job.set = set;
    job.remote = remote();
    job.queued_at = services_.clock.now();
    if (const auto known = find(jobs_, set); known != jobs_.end()) {
        job.queued_at = known->queued_at;
        services_.queue.add(job);
        *known = job;
    } else {
        services_.queue.add(job);
        const auto behind =
            std::find_if(jobs_.begin(), jobs_.end(), [&](const Job& j) { return set < j.set; });
        jobs_.insert(behind, job);
    }
    wake();
}

void RemoteUploader::retry_now() {
    for (auto& job : jobs_) job.next_attempt.reset();
    wake();
}

void RemoteUploader::prune() {
    prune_due_ = true;
    wake();
}

void RemoteUploader::wake() {
    if (const auto timer = waiting_.lock()) timer->cancel();
}

// A next attempt that is later than the longest back-off was written before the clock was set back.
bool RemoteUploader::is_due(const Job& job) const {
    const auto now = services_.clock.now();
    return !job.next_attempt || *job.next_attempt <= now ||
           *job.next_attempt > now + services_.backoff.longest;
}

std::optional<std::string> RemoteUploader::next_due() const {
    const auto job =
        std::find_if(jobs_.begin(), jobs_.end(), [this](const Job& j) { return is_due(j); });
    return job == jobs_.end() ? std::nullopt : std::optional(job->set);
}

async::Task<> RemoteUploader::run() {
    const auto timer = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor);
    waiting_ = timer;
    for (;;) {
        const auto set = next_due();
        if (set)
            co_await attempt(*set);
        else if (prune_is_due())
            co_await prune_now();
        else
            co_await wait(timer);
    }
}

async::Task<> RemoteUploader::drain() {
    std::set<std::string> tried;
    for (;;) {
        const auto job = std::find_if(jobs_.begin(), jobs_.end(),
                                      [&](const Job& j) { return !tried.contains(j.set); });
        if (job == jobs_.end()) break;
        const auto set = job->set;
        tried.insert(set);
        co_await attempt(set);
    }
    if (prune_is_due()) co_await prune_now();
}

bool RemoteUploader::prune_is_due() const {
    return prune_due_ && jobs_.empty() && services_.when_idle;
}

async::Task<> RemoteUploader::prune_now() {
    prune_due_ = false;
    pruning_ = true;
    std::exception_ptr failure;
    try {
        auto work = services_.when_idle(remote_);
        co_await std::move(work);
        co_await forget_removed();
    } catch (...) {
        failure = std::current_exception();
    }
    pruning_ = false;
    const auto state = co_await asio::this_coro::cancellation_state;
    if (failure && state.cancelled() != asio::cancellation_type::none)
        std::rethrow_exception(failure);
}

async::Task<> RemoteUploader::wait(std::shared_ptr<asio::steady_timer> timer) const {
    auto duration = longest_wait;
    for (const auto& job : jobs_)
        if (job.next_attempt)
            duration = std::min(duration, *job.next_attempt - services_.clock.now());
    timer->expires_after(std::max(duration, std::chrono::nanoseconds(0)));
    const auto ignoring_errors = asio::as_tuple(asio::use_awaitable);
    co_await timer->async_wait(ignoring_errors);
}

async::Task<> RemoteUploader::attempt(std::string set) {
    const auto begin = began_ = services_.clock.steady();
    report(UploadEvent::Kind::started, set, {});
    Totals totals;
    std::exception_ptr failure;
    try {
        co_await upload(set, totals);
    } catch (...) {
        failure = std::current_exception();
    }
    uploading_.clear();
    const bool begun = total_ > Bytes{};
    if (!failure || begun)
        lacking_ = behind_ + Bytes{failure ? total_.count - std::min(done_, total_).count : 0};
    size_ = done_ = total_ = {};
    sent_->store(0);
    const auto took = services_.clock.steady() - begin;
    // A cancellation is not a failure, so the job is unchanged.
    const auto state = co_await asio::this_coro::cancellation_state;
    if (failure && state.cancelled() != asio::cancellation_type::none)
        std::rethrow_exception(failure);
    std::error_code error;
    const bool gone = fs::exists(services_.staging / "sets", error) &&
                      !fs::exists(services_.staging / "sets" / set, error) && !error;
    if (failure && gone) co_return drop(set);
    if (failure) co_return fail(set, failure);
    complete(set);
    report(UploadEvent::Kind::finished, set,
           fmt::format("objects={} known={}", totals.objects, totals.known), totals, took);
}

void RemoteUploader::complete(const std::string& set) {
    auto& history = services_.history.of(remote());
    if (!history.newest_set || *history.newest_set <= set) {
        history.newest_set = set;
        history.completed_at = services_.clock.now();
    }
    const auto job = find(jobs_, set);
    if (job == jobs_.end()) return;
    const auto done = *job;
    jobs_.erase(job);
    prune_due_ = true;
    works_since_ = services_.clock.now();
    // The remote works again, so the other jobs do not wait for the end of their back-off.
    for (auto& other : jobs_) other.next_attempt.reset();
    try {
        services_.history.save();
        services_.queue.remove(done);
    } catch (const Error& e) {
        // The set is at the remote even if that cannot be recorded. The next start finds it there.
        report(UploadEvent::Kind::failed, set, fmt::format("uploaded, but: {}", e.what()));
    }
}

void RemoteUploader::fail(const std::string& set, std::exception_ptr failure) {
    auto text = describe(failure);
    const auto job = find(jobs_, set);
    if (job != jobs_.end()) {
        ++job->attempts;
        job->last_error = text;
        job->failed_at = services_.clock.now();
        job->next_attempt = services_.clock.now() + services_.backoff.after(job->attempts);
        try {
            services_.history.save();  // with the packs that were uploaded
            services_.queue.add(*job);
        } catch (const Error& e) {
            text += fmt::format("; and {}", e.what());
        }
    }
    report(UploadEvent::Kind::failed, set, std::move(text));
}

void RemoteUploader::drop(const std::string& set) {
    const auto job = find(jobs_, set);
    if (job == jobs_.end()) return;
    const auto gone = *job;
    jobs_.erase(job);
    auto text = fmt::format("the set '{}' is no longer in '{}' and cannot be uploaded", set,
                            services_.staging.native());
    try {
        services_.queue.remove(gone);
    } catch (const Error& error) {
        // The next start finds the job again, and drops it again.
        text += fmt::format("; and {}", error.what());
    }
    report(UploadEvent::Kind::failed, set, std::move(text));
}

void RemoteUploader::report(UploadEvent::Kind kind, const std::string& set, std::string text,
                            const Totals& totals, std::chrono::nanoseconds took) {
    if (!services_.report) return;
    services_.report({kind, set, remote(), std::move(text), totals.sent, took});
}

RemoteState RemoteUploader::state() const {
    RemoteState state;
    state.remote = remote();
    const auto& history = services_.history.of(remote());
    state.newest_set = history.newest_set;
    state.completed_at = history.completed_at;
    state.free = history.free;
    state.queued = jobs_.size();
    state.pruning = pruning_ || prune_is_due();
    state.uploading = uploading_;
    state.total = total_;
    state.done = done_ + std::min(Bytes{sent_->load()}, size_);
    state.waiting = jobs_.empty() ? std::optional(Bytes{}) : lacking_;
    if (!uploading_.empty())
        state.waiting =
            behind_ + Bytes{state.total.count - std::min(state.done, state.total).count};
    const std::chrono::duration<double> so_far = services_.clock.steady() - began_;
    // An earlier rate would be too inaccurate.
    if (!uploading_.empty() && so_far >= std::chrono::seconds(1) && state.done.count > 0) {
        const double rate = static_cast<double>(state.done.count) / so_far.count();
        state.rate = {static_cast<std::uint64_t>(rate)};
        const auto rest = state.total.count - std::min(state.done, state.total).count;
        state.left = std::chrono::ceil<std::chrono::seconds>(
            std::chrono::duration<double>(static_cast<double>(rest) / rate));
    }
    const bool is_copying = !uploading_.empty() && state.done.count > 0;
    for (const auto& job : jobs_) {
        if (!state.oldest_queued || job.queued_at < *state.oldest_queued)
            state.oldest_queued = job.queued_at;
        // An error from before the last success is over.
        const bool is_over = is_copying || (works_since_ && job.failed_at <= works_since_);
        if (!is_over && state.last_error.empty()) {
            state.last_error = job.last_error;
            state.failed_at = job.failed_at;
        }
        const bool sooner =
            job.next_attempt && (!state.next_attempt || *job.next_attempt < *state.next_attempt);
        if (sooner) state.next_attempt = job.next_attempt;
    }
    return state;
}

}  // namespace mastobak::offsite
