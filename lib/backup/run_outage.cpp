// SPDX-License-Identifier: GPL-3.0-or-later
//
// The part of a run while which Mastodon is stopped: from quiet to answering again.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "async/run_blocking.hpp"
#include "async/timers.hpp"
#include "backup/run.hpp"
#include "core/error.hpp"
#include "units/answers.hpp"

namespace mastobak::backup {
namespace {

namespace asio = boost::asio;

/// For work that was cancelled to end, while Mastodon is stopped.
constexpr std::chrono::seconds patience{1};

/// Of the steps of a run, those that Mastodon was down for.
std::vector<store::DowntimePart> downtime_parts(const std::vector<StepTime>& steps) {
    std::vector<store::DowntimePart> parts;
    bool down = false;
    for (const auto& step : steps) {
        down = down || step.name == "stop";
        if (down) parts.push_back({step.name, step.took});
    }
    return parts;
}

Error too_long(std::chrono::seconds limit) {
    return Error(Errc::units,
                 fmt::format("Mastodon was stopped for {} and the freeze was not over; it was "
                             "given up and the units started again",
                             to_text(limit)),
                 "consistency.max_downtime is the limit; the next run has less left to copy");
}

}  // namespace

// Whatever becomes of the work: what was stopped is started again. Nothing between the first stop
// call and start() may throw past this function.
async::Task<> Run::while_stopped(async::Task<> work, std::chrono::seconds limit) {
    const auto report = [this](const std::string& event) {
        services_.observer.message(Severity::debug, event);
    };
    units::StoppedUnits stopped(services_.units, record_of(config_), stop_options(config_),
                                services_.clock, report);
    const auto loop = co_await asio::this_coro::executor;
    std::optional<async::Background> outage;
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
    steps_.push_back({"start", services_.clock.steady() - begun});
    try {
        note_start(started);
    } catch (...) {
        if (!failure) failure = std::current_exception();
    }
    if (outage) co_await outage->end();  // it refers to this run
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    if (failure) std::rethrow_exception(failure);
    if (stop_.stop_requested()) throw Error(Errc::cancelled, "the run was cancelled");
    co_await step("health", wait_for_answers());
    manifest_.downtime_parts = downtime_parts(steps_);
}

// Work on a disk that hangs cannot be interrupted. The units do not wait for it: it has stopped
// them all by then, and does not touch them again.
async::Task<> Run::leave(async::Background& outage) {
    outage.cancel();
    const bool ended = co_await outage.ends_within(patience);
    if (!ended)
        services_.observer.message(
            Severity::error,
            "what is done while Mastodon is stopped does not end: a disk or a server hangs; the "
            "units are started meanwhile");
}

async::Task<> Run::stop_and(units::StoppedUnits& stopped, async::Task<> work) {
    co_await step("stop", stopped.stop());
    services_.observer.message(Severity::info,
                               fmt::format("stopped {}", fmt::join(stopped.names(), " ")));
    co_await std::move(work);
    co_await step("look", check_still_stopped(stopped));
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

// What systemd has started may still be loading: downtime ends when it serves.
async::Task<> Run::wait_for_answers() {
    const auto& mastodon = config_.mastodon;
    for (const auto& [part, url] : {std::pair{"web", mastodon.health_url},
                                    std::pair{"streaming", mastodon.streaming_health_url}}) {
        if (!url || manifest_.units.empty()) continue;
        units::HealthCheck check{url->host, url->port, url->target};
        const auto why = co_await units::wait_for_answer(std::move(check), mastodon.start_timeout);
        if (why) {
            const auto text =
                fmt::format("'{}' does not answer {} after its start: {}", config::to_string(*url),
                            to_text(mastodon.start_timeout), *why);
            services_.observer.message(Severity::critical, text);
            manifest_.warnings.push_back(text);
        }
        const auto down = services_.clock.steady() - down_since_;
        manifest_.downtime = down;
        for (auto& unit : manifest_.units)
            if (unit.name.find(part) != std::string::npos) unit.down = down;
    }
}

async::Task<> Run::check_still_stopped(const units::StoppedUnits& stopped) {
    manifest_.consistent = true;
    const auto now = co_await services_.units.list(config_.mastodon.units);
    for (const auto& unit : now) {
        if (!unit.active()) continue;
        manifest_.consistent = false;
        warn(
            fmt::format("'{}' was started while the backup was taken: database and media may be "
                        "of different instants",
                        unit.name));
    }
    if (snapshot_) {
        auto look = [this](std::stop_token stop) {
            auto& connection = snapshot_->connection();
            const std::stop_callback cancel(stop, [&connection] { connection.cancel(); });
            return postgres::other_clients(connection);
        };
        const auto writing = co_await async::run_blocking(services_.pool, std::move(look));
        if (!writing.empty()) {
            manifest_.consistent = false;
            warn(
                fmt::format("others wrote to the database while the units were stopped ({}): "
                            "database and media may be of different instants",
                            fmt::join(writing, ", ")));
        }
    }
    if (stopped.names().empty()) warn("no unit of Mastodon was active, so none was stopped");
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
