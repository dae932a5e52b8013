// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/outage.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <cstdint>
#include <exception>
#include <sstream>

#include "async/timers.hpp"
#include "backup/plan.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "units/container_name.hpp"
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
    const auto count = leading_number<std::int64_t>(microseconds.value_or(""));
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

Outage::Outage(units::UnitControl& units, const config::Config& config, Clock& clock,
               Observer& observer, Steps& steps, std::stop_token stop)
    : units_(units),
      config_(config),
      clock_(clock),
      observer_(observer),
      steps_(steps),
      stop_(std::move(stop)) {}

// The stopped units are started again, whatever happens to the work. No exception between the first
// stop call and start() may leave this function.
async::Task<> Outage::during(async::Task<> work, std::chrono::seconds limit) {
    const auto report = [this](const std::string& event) { say(Severity::debug, event); };
    units::StoppedUnits stopped(units_, record_of(config_), stop_options(config_), clock_, report);
    const auto loop = co_await asio::this_coro::executor;
    std::optional<async::Job<>> job;
    std::exception_ptr failure;
    try {
        co_await steps_.run("quiet", quiet(stopped));
        down_since_ = clock_.steady();
        job.emplace(loop, stop_and(stopped, std::move(work)));
        const bool in_time = co_await job->ends_within(limit);
        if (!in_time) throw too_long(limit);
        failure = job->failure();
    } catch (...) {
        failure = std::current_exception();
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    if (job) co_await leave(*job);
    try {
        observer_.step("start");
    } catch (...) {
        if (!failure) failure = std::current_exception();
    }
    const auto begun = clock_.steady();
    const auto started = co_await stopped.start();
    report_.freeze = started.begun - stopped_since_;
    steps_.add({"start", clock_.steady() - begun});
    try {
        note_start(started);
    } catch (...) {
        if (!failure) failure = std::current_exception();
    }
    if (job) co_await job->end();  // the job refers to this object
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    if (failure) std::rethrow_exception(failure);
    if (stop_.stop_requested()) throw Error(Errc::cancelled, "the run was cancelled");
    co_await steps_.run("health", wait_until_all_healthy());
    report_.parts = downtime_parts(steps_.times());
    const bool containers = std::ranges::any_of(
        report_.units, [](const auto& unit) { return units::names_containers(unit.name); });
    if (containers) co_await steps_.run("health checks", wait_for_health_checks());
}

// Work on a hanging disk cannot be interrupted, so the units are started without waiting for it.
// This is safe: the work has stopped all units by then and does not touch them again.
async::Task<> Outage::leave(async::Job<>& work) {
    work.cancel();
    const bool ended = co_await work.ends_within(hang_patience);
    if (!ended)
        say(Severity::error,
            "what is done while Mastodon is stopped does not end: a disk or a server hangs; the "
            "units are started meanwhile");
}

async::Task<> Outage::stop_and(units::StoppedUnits& stopped, async::Task<> work) {
    co_await steps_.run("stop", stopped.stop());
    stopped_since_ = clock_.steady();
    say(Severity::info, fmt::format("stopped {}", fmt::join(stopped.names(), " ")));
    co_await std::move(work);
    if (stopped.names().empty()) warn("no unit of Mastodon was active, so none was stopped");
}

async::Task<> Outage::quiet(units::StoppedUnits& stopped) {
    const auto report = co_await stopped.quiet(config_.mastodon.quiet_timeout);
    report_.quiet = report.waited;
    for (const auto& warning : report.warnings) warn(warning);
    if (!report.quieted.empty())
        say(Severity::info, fmt::format("quiet {} after='{}'", fmt::join(report.quieted, " "),
                                        to_text(report.waited)));
}

// A started unit may still be loading; its downtime ends when it serves requests. Both URLs are
// checked at the same time, because their units have separate downtimes.
async::Task<> Outage::wait_until_all_healthy() {
    auto web = wait_until_healthy("web", config_.mastodon.health_url);
    auto streaming = wait_until_healthy("streaming", config_.mastodon.streaming_health_url);
    co_await (std::move(web) && std::move(streaming));
}

async::Task<> Outage::wait_until_healthy(std::string part, std::optional<http::Url> url) {
    if (!url || report_.units.empty()) co_return;
    const auto limit = config_.mastodon.start_timeout;
    const auto why = co_await units::wait_until_healthy(*url, limit);
    const auto down = clock_.steady() - down_since_;
    report_.downtime = std::max<std::chrono::nanoseconds>(report_.downtime, down);
    for (auto& unit : report_.units)
        if (unit.name.find(part) != std::string::npos) unit.down = down;
    if (!why) co_return;
    const auto text = fmt::format("'{}' does not answer {} after its start: {}", url->origin(),
                                  to_text(limit), *why);
    say(Severity::critical, text);
    report_.warnings.push_back(text);
}

// A container engine checks the health of a container only every half a minute, so this time is not
// a part of the downtime.
async::Task<> Outage::wait_for_health_checks() {
    using namespace std::chrono_literals;
    const auto give_up = clock_.steady() + config_.mastodon.start_timeout;
    for (const auto& unit : report_.units) {
        if (!units::names_containers(unit.name)) continue;
        for (;;) {
            std::optional<std::string> health;
            try {
                health = co_await units_.property(unit.name, "Health");
            } catch (const Error& error) {
                if (error.code() == Errc::cancelled) throw;
                warn(fmt::format("the health of '{}' is not known: {}, ignoring", unit.name,
                                 error.text()));
            }
            const bool late = clock_.steady() >= give_up;
            if (!health || *health == "healthy" || (late && *health != "unhealthy")) break;
            if (*health == "unhealthy") {
                const auto text = fmt::format("'{}' runs, and its health check fails; hint: {}",
                                              unit.name, units::status_command(unit.name));
                say(Severity::critical, text);
                report_.warnings.push_back(text);
                break;
            }
            co_await async::wait_for(500ms);
        }
    }
}

async::Task<> Outage::check_units() {
    report_.consistent = true;
    const auto now = co_await units_.list(config_.mastodon.units);
    for (const auto& unit : now) {
        const bool rests = unit.active_state == "inactive" || unit.active_state == "failed";
        // A unit that ran and ended in between is recognised by the time when it last left
        // "inactive". This fails for a unit that is not enabled, because systemd unloads such a
        // unit when it ends.
        const auto left = co_await units_.property(unit.name, "InactiveExitTimestampMonotonic");
        if (rests && !is_after(left, stopped_since_)) continue;
        const auto hint = co_await hint_about_socket(unit.name);
        mark_inconsistent(
            fmt::format("'{}' was started while the backup was taken: database and media may be "
                        "of different instants{}",
                        unit.name, hint));
    }
}

async::Task<std::string> Outage::hint_about_socket(std::string unit) {
    const auto triggers = co_await units_.property(std::move(unit), "TriggeredBy");
    std::istringstream lines(triggers.value_or(""));
    for (std::string name; std::getline(lines, name);)
        if (name.ends_with(".socket"))
            co_return fmt::format(
                "; hint: each connection to '{}' starts it; name that socket in mastodon.units, "
                "too",
                name);
    co_return "";
}

void Outage::note_writers(const postgres::Writers& writers, const std::string& role) {
    if (!writers.seen.empty())
        mark_inconsistent(
            fmt::format("other clients wrote to the database while the units were stopped ({}): "
                        "database and media may be of different instants",
                        fmt::join(writers.seen, ", ")));
    else if (!writers.hidden.empty())
        mark_inconsistent(fmt::format(
            "other clients may have written to the database while the units were stopped ({}): "
            "mastobak's role cannot see it; hint: GRANT pg_read_all_stats TO \"{}\"",
            fmt::join(writers.hidden, ", "), role));
}

void Outage::note_start(const units::StartReport& started) {
    auto first = Timestamp::max();
    auto last = Timestamp::min();
    for (const auto& unit : started.downtime) {
        report_.units.push_back({unit.unit, unit.down});
        first = std::min(first, unit.stopped_at);
        last = std::max(last, unit.stopped_at + unit.down);
    }
    if (first < last) report_.downtime = last - first;
    say(Severity::info, fmt::format("units={} running again, downtime='{}'",
                                    started.downtime.size(), to_text(report_.downtime)));
    for (const auto& warning : started.warnings) warn(warning);
    for (const auto& unit : started.down)
        say(Severity::critical,
            fmt::format("'{}' was stopped by this run and does not start again; hint: {}", unit,
                        units::status_command(unit)));
    report_.down = started.down;
    if (!started.down.empty())
        report_.warnings.push_back(fmt::format("{} stayed down", fmt::join(started.down, ", ")));
}

void Outage::mark_inconsistent(std::string warning) {
    report_.consistent = false;
    warn(std::move(warning));
}

void Outage::say(Severity severity, const std::string& text) {
    observer_.message(severity, text);
}

void Outage::warn(std::string text) {
    say(Severity::warning, text);
    report_.warnings.push_back(std::move(text));
}

}  // namespace mastobak::backup
