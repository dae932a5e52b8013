// SPDX-License-Identifier: GPL-3.0-or-later
// The part of a run in which Mastodon is stopped, until it answers again.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <charconv>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

#include "async/run_blocking.hpp"
#include "async/timers.hpp"
#include "backup/run.hpp"
#include "core/error.hpp"
#include "units/health_check.hpp"

namespace mastobak::backup {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

/// How long cancelled work may take to end while Mastodon is stopped.
constexpr std::chrono::seconds hang_patience{1};

/// The steps of a run during which Mastodon was down.
std::vector<store::DowntimePart> downtime_parts(const std::vector<StepTime>& steps) {
    std::vector<store::DowntimePart> parts;
    bool down = false;
    for (const auto& step : steps) {
        down = down || step.name == "stop";
        if (down) parts.push_back({step.name, step.took});
    }
    return parts;
}

/// \param microseconds time of CLOCK_MONOTONIC, as systemd reports it
bool is_after(const std::optional<std::string>& microseconds,
              std::chrono::steady_clock::time_point time) {
    std::int64_t count = 0;
    if (microseconds)
        std::from_chars(microseconds->data(), microseconds->data() + microseconds->size(), count);
    return std::chrono::microseconds(count) > time.time_since_epoch();
}

Error too_long(std::chrono::seconds limit) {
    return Error(Errc::units,
                 fmt::format("Mastodon was stopped for {} and the freeze was not over: it was "
                             "given up, and the units were started again",
                             to_text(limit)),
                 "consistency.max_downtime is the limit; the next run has less left to copy");
}

}  // namespace

// The stopped units are started again, whatever happens to the work. No exception between the first
// stop call and start() may leave this function.
async::Task<> Run::while_stopped(async::Task<> work, std::chrono::seconds limit) {
    const auto report = [this](const std::string& event) {
        services_.observer.message(Severity::debug, event);
    };
    units::StoppedUnits stopped(services_.units, record_of(config_), stop_options(config_),
                                services_.clock, report);
    const auto loop = co_await asio::this_coro::executor;
    std::optional<async::Job<>> outage;
    std::exception_ptr failure;
    try {
        co_await step("quiet", quiet(stopped));
        down_since_ = services_.clock.steady();
        outage.emplace(loop, stop_and(stopped, std::move(work)));
        const bool in_time = co_await outage->ends_within(limit);
        if (!in_time) throw too_long(limit);
        failure = outage->failure();
    } catch (...) {
        failure = std::current_exception();
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    if (outage) co_await leave(*outage);
    try {
        services_.observer.step("start");
    } catch (...) {
        if (!failure) failure = std::current_exception();
    }
    const auto begun = services_.clock.steady();
    const auto started = co_await stopped.start();
    manifest_.freeze = started.begun - stopped_since_;
    steps_.push_back({"start", services_.clock.steady() - begun});
    try {
        note_start(started);
    } catch (...) {
        if (!failure) failure = std::current_exception();
    }
    if (outage) co_await outage->end();  // the job refers to this object
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    if (failure) std::rethrow_exception(failure);
    if (stop_.stop_requested()) throw Error(Errc::cancelled, "the run was cancelled");
    co_await step("health", wait_until_all_healthy());
    manifest_.downtime_parts = downtime_parts(steps_);
}

// Work on a hanging disk cannot be interrupted, so the units are started without waiting for it.
// This is safe: the work has stopped all units by then and does not touch them again.
async::Task<> Run::leave(async::Job<>& outage) {
    outage.cancel();
    const bool ended = co_await outage.ends_within(hang_patience);
    if (!ended)
        services_.observer.message(
            Severity::error,
            "what is done while Mastodon is stopped does not end: a disk or a server hangs; the "
            "units are started meanwhile");
}

async::Task<> Run::stop_and(units::StoppedUnits& stopped, async::Task<> work) {
    co_await step("stop", stopped.stop());
    stopped_since_ = services_.clock.steady();
    services_.observer.message(Severity::info,
                               fmt::format("stopped {}", fmt::join(stopped.names(), " ")));
    co_await std::move(work);
    if (stopped.names().empty()) warn("no unit of Mastodon was active, so none was stopped");
}

async::Task<> Run::quiet(units::StoppedUnits& stopped) {
    const auto report = co_await stopped.quiet(config_.mastodon.quiet_timeout);
    manifest_.quiet = report.waited;
    for (const auto& warning : report.warnings) warn(warning);
    if (!report.quieted.empty())
        services_.observer.message(
            Severity::info, fmt::format("quiet {} after='{}'", fmt::join(report.quieted, " "),
                                        to_text(report.waited)));
}

// A started unit may still be loading; its downtime ends when it serves requests. Both URLs are
// checked at the same time, because their units have separate downtimes.
async::Task<> Run::wait_until_all_healthy() {
    auto web = wait_until_healthy("web", config_.mastodon.health_url);
    auto streaming = wait_until_healthy("streaming", config_.mastodon.streaming_health_url);
    co_await (std::move(web) && std::move(streaming));
}

async::Task<> Run::wait_until_healthy(std::string part, std::optional<config::HttpUrl> url) {
    if (!url || manifest_.units.empty()) co_return;
    const auto limit = config_.mastodon.start_timeout;
    units::HealthCheck check{url->host, url->port, url->target};
    const auto why = co_await units::wait_until_healthy(std::move(check), limit);
    const auto down = services_.clock.steady() - down_since_;
    manifest_.downtime = std::max<std::chrono::nanoseconds>(manifest_.downtime, down);
    for (auto& unit : manifest_.units)
        if (unit.name.find(part) != std::string::npos) unit.down = down;
    if (!why) co_return;
    const auto text = fmt::format("'{}' does not answer {} after its start: {}",
                                  config::to_string(*url), to_text(limit), *why);
    services_.observer.message(Severity::critical, text);
    manifest_.warnings.push_back(text);
}

async::Task<> Run::check_still_stopped() {
    manifest_.consistent = true;
    co_await check_units();
    co_await check_writers();
}

async::Task<> Run::check_units() {
    const auto now = co_await services_.units.list(config_.mastodon.units);
    for (const auto& unit : now) {
        const bool rests = unit.active_state == "inactive" || unit.active_state == "failed";
        // A unit that ran and ended in between is recognised by the time when it last left
        // "inactive". This fails for a unit that is not enabled, because systemd unloads such a
        // unit when it ends.
        const auto left =
            co_await services_.units.property(unit.name, "InactiveExitTimestampMonotonic");
        if (rests && !is_after(left, stopped_since_)) continue;
        manifest_.consistent = false;
        warn(
            fmt::format("'{}' was started while the backup was taken: database and media may be "
                        "of different instants",
                        unit.name));
    }
}

async::Task<> Run::check_writers() {
    auto look = [this](std::stop_token stop) {
        return writes_->writers(snapshot_->connection().backend_pid(), std::move(stop));
    };
    const auto writers = co_await async::run_blocking(services_.pool, std::move(look));
    writes_.reset();
    if (!writers.seen.empty()) {
        manifest_.consistent = false;
        warn(
            fmt::format("other clients wrote to the database while the units were stopped ({}): "
                        "database and media may be of different instants",
                        fmt::join(writers.seen, ", ")));
    } else if (!writers.hidden.empty()) {
        manifest_.consistent = false;
        warn(fmt::format(
            "other clients may have written to the database while the units were stopped ({}): "
            "mastobak's role cannot see it; hint: GRANT pg_read_all_stats TO \"{}\"",
            fmt::join(writers.hidden, ", "), plan_.database.user));
    }
}

void Run::note_start(const units::StartReport& report) {
    auto first = Timestamp::max();
    auto last = Timestamp::min();
    for (const auto& unit : report.downtime) {
        manifest_.units.push_back({unit.unit, unit.down});
        first = std::min(first, unit.stopped_at);
        last = std::max(last, unit.stopped_at + unit.down);
    }
    if (first < last) manifest_.downtime = last - first;
    services_.observer.message(
        Severity::info, fmt::format("units={} running again, downtime='{}'", report.downtime.size(),
                                    to_text(manifest_.downtime)));
    for (const auto& warning : report.warnings) warn(warning);
    for (const auto& unit : report.down)
        services_.observer.message(
            Severity::critical,
            fmt::format("'{}' was stopped by this run and does not start again; hint: systemctl "
                        "status {}",
                        unit, unit));
    down_ = report.down;
    if (!report.down.empty())
        manifest_.warnings.push_back(fmt::format("{} stayed down", fmt::join(report.down, ", ")));
}

}  // namespace mastobak::backup
