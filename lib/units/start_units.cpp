// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/start_units.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "async/timers.hpp"

namespace mastobak::units {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr auto poll_interval = 100ms;
constexpr std::chrono::nanoseconds longest_pause = 5s;

/// How one unit ended up, and why.
struct Outcome {
    enum { active, refused, down } kind = down;
    std::string why{};
    bool by_us = false;  ///< it was not active before
    bool counts = true;  ///< as an attempt: systemd has tried
};

/// One attempt: unless it is active already, starts it and waits until it is.
async::Task<> attempt(UnitControl& control, std::string name, Outcome& outcome) {
    auto unit = co_await control.query(name);
    if (unit && unit->active()) {
        outcome = {Outcome::active};
        co_return;
    }
    const auto result = co_await control.start(name);
    if (result == JobResult::refused) {
        outcome = {Outcome::refused};
        co_return;
    }
    if (result == JobResult::failed) {
        outcome = {Outcome::down, "its start job failed"};
        co_return;
    }
    for (;;) {
        unit = co_await control.query(name);
        if (unit && unit->active()) {
            outcome = {Outcome::active, {}, true};
            co_return;
        }
        const std::string state = unit ? unit->active_state : "not loaded";
        outcome = {Outcome::down, "it is " + state};
        // Anything else is on its way: activating, or deactivating before it starts again.
        if (!unit || state == "failed" || state == "inactive") co_return;
        co_await async::wait_for(poll_interval);
    }
}

/// One attempt within the time that is left; every failure is an outcome.
async::Task<Outcome> attempt_within(UnitControl& control, std::string name,
                                    std::chrono::nanoseconds left) {
    Outcome outcome{Outcome::down, "it did not come up in time"};
    std::exception_ptr failure;
    try {
        auto task = attempt(control, std::move(name), outcome);
        co_await async::with_deadline(left, std::move(task));
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) outcome = {.kind = Outcome::down, .why = describe(failure), .counts = false};
    co_return outcome;
}

async::Task<Outcome> start_one(UnitControl& control, std::string name, const StopOptions& options,
                               const StoppedUnits::Report& report) {
    const auto give_up = SteadyClock::now() + options.start_timeout;
    std::chrono::nanoseconds pause = options.retry_pause;
    int attempts = 0;
    for (;;) {
        const auto left = give_up - SteadyClock::now();
        auto outcome = co_await attempt_within(control, name, left);
        if (outcome.kind != Outcome::down) co_return outcome;
        // A bus that is restarted, by an upgrade, is waited for as long as there is time.
        if (outcome.counts) ++attempts;
        if (attempts >= options.start_attempts || SteadyClock::now() + pause >= give_up)
            co_return outcome;
        if (report) report("'" + name + "' does not start: " + outcome.why + ", will retry");
        co_await async::wait_for(pause);
        pause = std::min(2 * pause, longest_pause);
    }
}

async::Task<bool> is_active(UnitControl& control, std::string name) {
    try {
        const auto unit = co_await control.query(std::move(name));
        co_return unit && unit->active();
    } catch (const std::exception&) {
        co_return false;  // start_one() will say what is wrong
    }
}

async::Task<> restart_if_active(UnitControl& control, std::string name, JobResult& result) {
    const auto unit = co_await control.query(name);
    // Somebody has stopped it meanwhile: it would start as one that takes jobs.
    if (unit && unit->active()) result = co_await control.restart(std::move(name));
}

/// Tries again as long as systemd cannot be reached.
async::Task<Outcome> restart_quieted(UnitControl& control, std::string name,
                                     const StopOptions& options) {
    const auto give_up = SteadyClock::now() + options.stop_timeout + options.start_timeout;
    std::chrono::nanoseconds pause = options.retry_pause;
    for (;;) {
        auto result = JobResult::done;
        std::exception_ptr failure;
        bool in_time = false;
        try {
            auto task = restart_if_active(control, name, result);
            in_time = co_await async::with_deadline(give_up - SteadyClock::now(), std::move(task));
        } catch (...) {
            failure = std::current_exception();
        }
        if (!failure && !in_time) co_return Outcome{Outcome::down, "its restart takes too long"};
        if (!failure && result == JobResult::failed)
            co_return Outcome{Outcome::down, "its restart job failed"};
        if (!failure) co_return Outcome{Outcome::active};
        if (SteadyClock::now() + pause >= give_up)
            co_return Outcome{.kind = Outcome::down, .why = describe(failure), .counts = false};
        co_await async::wait_for(pause);
        pause = std::min(2 * pause, longest_pause);
    }
}

}  // namespace

async::Task<Started> start_units(UnitControl& control, StartJob job, StopOptions options,
                                 Clock& clock, StoppedUnits::Report report) {
    Started started;
    auto& [downtime, down, warnings] = started.report;
    // Asked before the first start, which may bring up others by their dependencies.
    for (const auto& [name, time] : job.stopped_at) {
        if (!time.confirmed) continue;
        const bool active = co_await is_active(control, name);
        if (active)
            warnings.push_back("'" + name + "' was started by somebody else meanwhile, ignoring");
    }
    for (const auto& name : job.quieted) {
        const auto outcome = co_await restart_quieted(control, name, options);
        if (outcome.kind == Outcome::active) continue;
        warnings.push_back("'" + name +
                           "' takes no new jobs and could not be restarted: " + outcome.why);
        // A restart that failed has stopped it.
        auto& left = outcome.counts ? job.names : started.still_quiet;
        if (std::find(left.begin(), left.end(), name) == left.end()) left.push_back(name);
    }
    std::reverse(job.names.begin(), job.names.end());
    std::vector<std::string> active;
    for (const auto& name : job.names) {
        if (report) report("starting '" + name + "'");
        const auto outcome = co_await start_one(control, name, options, report);
        if (outcome.kind == Outcome::active) {
            active.push_back(name);
            const auto time = job.stopped_at.find(name);
            if (time != job.stopped_at.end() && (outcome.by_us || time->second.confirmed))
                downtime.push_back({name, time->second.when, clock.steady() - time->second.steady});
        } else if (outcome.kind == Outcome::refused) {
            started.refused.push_back(name);
            warnings.push_back("systemd is shutting down and does not start '" + name +
                               "', ignoring");
        } else {
            down.push_back(name);
            warnings.push_back("'" + name + "' stays down: " + outcome.why);
        }
    }
    // A program that ends right after its start was active for a moment.
    for (const auto& name : active) {
        const bool still = co_await is_active(control, name);
        if (still) continue;
        const auto outcome = co_await start_one(control, name, options, report);
        if (outcome.kind != Outcome::down) continue;
        down.push_back(name);
        warnings.push_back("'" + name + "' stays down: " + outcome.why);
    }
    co_return started;
}

}  // namespace mastobak::units
