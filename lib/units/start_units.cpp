// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/start_units.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "async/job.hpp"
#include "async/timers.hpp"
#include "core/contains.hpp"

namespace mastobak::units {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr auto state_poll = 100ms;
constexpr std::chrono::nanoseconds longest_pause = 5s;
/// The time limit of a unit's first attempt, after which the next unit has its own. systemd
/// continues the start job.
constexpr auto first_patience = 10s;

/// The state of a unit after an attempt, and the reason.
struct Outcome {
    enum { active, refused, down } kind = down;
    std::string why{};
    bool by_us = false;  ///< this process has started it
    bool counts = true;  ///< whether it counts as an attempt
    bool in_time = true;
};

/// One attempt: starts the unit unless it is active, and waits until it is.
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
        // Any other state is temporary: activating, or deactivating before the next start.
        if (!unit || state == "failed" || state == "inactive") co_return;
        co_await async::wait_for(state_poll);
    }
}

/// One attempt with a time limit. A failure is returned as an outcome.
async::Task<Outcome> attempt_within(UnitControl& control, std::string name,
                                    std::chrono::nanoseconds left) {
    Outcome outcome{Outcome::down, "it did not come up in time"};
    std::exception_ptr failure;
    bool in_time = true;
    try {
        auto task = attempt(control, std::move(name), outcome);
        in_time = co_await async::with_deadline(left, std::move(task));
    } catch (...) {
        failure = std::current_exception();
    }
    if (!in_time) {
        outcome.in_time = false;
        outcome.counts = false;  // systemd continues the job
    }
    if (failure) outcome = {.kind = Outcome::down, .why = describe(failure), .counts = false};
    co_return outcome;
}

/// \param attempts number of attempts that have already failed
async::Task<Outcome> start_one(UnitControl& control, std::string name, int attempts,
                               const StopOptions& options, const StoppedUnits::Report& report) {
    const auto give_up = SteadyClock::now() + options.start_timeout;
    std::chrono::nanoseconds pause = options.retry_pause;
    std::string why;  // of the last attempt that was not cut short
    for (;;) {
        const auto left = give_up - SteadyClock::now();
        auto outcome = co_await attempt_within(control, name, left);
        if (outcome.kind != Outcome::down) co_return outcome;
        if (outcome.in_time)
            why = outcome.why;
        else if (!why.empty())
            outcome.why = why;
        // Attempts while the bus is being restarted (by an upgrade) do not count, as long as there
        // is time.
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
        co_return false;  // start_one() reports the error
    }
}

async::Task<JobResult> restart_if_active(UnitControl& control, std::string name) {
    const auto unit = co_await control.query(name);
    // A unit that was stopped in the meantime will not be quiet when it starts again.
    if (!unit || !unit->active()) co_return JobResult::done;
    co_return co_await control.restart(std::move(name));
}

/// Tries again as long as systemd cannot be reached.
async::Task<Outcome> restart_quieted(UnitControl& control, std::string name,
                                     const StopOptions& options) {
    const auto give_up = SteadyClock::now() + options.stop_timeout + options.start_timeout;
    std::chrono::nanoseconds pause = options.retry_pause;
    for (;;) {
        std::optional<JobResult> result;
        std::exception_ptr failure;
        try {
            auto task = restart_if_active(control, name);
            result = co_await async::with_deadline(give_up - SteadyClock::now(), std::move(task));
        } catch (...) {
            failure = std::current_exception();
        }
        if (!failure && !result) co_return Outcome{Outcome::down, "its restart takes too long"};
        if (!failure && result == JobResult::failed)
            co_return Outcome{Outcome::down, "its restart job failed"};
        if (!failure) co_return Outcome{Outcome::active};
        if (SteadyClock::now() + pause >= give_up)
            co_return Outcome{.kind = Outcome::down, .why = describe(failure), .counts = false};
        co_await async::wait_for(pause);
        pause = std::min(2 * pause, longest_pause);
    }
}

void note(const std::string& name, const Outcome& outcome, const StartJob& job, const Clock& clock,
          Started& started) {
    auto& report = started.report;
    switch (outcome.kind) {
        case Outcome::active: {
            if (outcome.by_us) report.started.push_back(name);
            const auto time = job.stopped_at.find(name);
            if (time != job.stopped_at.end() && (outcome.by_us || time->second.confirmed))
                report.downtime.push_back(
                    {name, time->second.when, clock.steady() - time->second.steady});
            return;
        }
        case Outcome::refused:
            started.refused.push_back(name);
            report.warnings.push_back("systemd is shutting down and does not start '" + name +
                                      "', ignoring");
            return;
        case Outcome::down:
            report.down.push_back(name);
            report.warnings.push_back("'" + name + "' stays down: " + outcome.why);
    }
}

/// Returns the matching units that run, or are about to; nothing when that cannot be determined.
async::Task<std::optional<std::vector<std::string>>> running(UnitControl& control,
                                                             std::vector<std::string> patterns) {
    std::optional<std::vector<std::string>> names;
    try {
        const auto units = co_await control.list(std::move(patterns));
        names.emplace();
        for (const auto& unit : units)
            if (unit.active_state != "inactive" && unit.active_state != "failed")
                names->push_back(unit.name);
    } catch (const std::exception&) {
        names.reset();
    }
    co_return names;
}

/// Returns whether a unit wants or requires another one, so that starting it starts the other one.
async::Task<bool> brings_up(UnitControl& control, std::string name, std::string other) {
    // Source: systemd.unit(5)
    for (const auto* relation : {"Wants", "Requires", "BindsTo", "Upholds"}) {
        const auto others = co_await elements_of(control, name, relation);
        if (contains(others, other)) co_return true;
    }
    co_return false;
}

/// Stops units that were started only by a dependency: mastodon-streaming.service wants a specific
/// instance, which an admin may have stopped and replaced by others.
/// \param before units that ran before the first start
async::Task<> stop_again(UnitControl& control, const std::vector<std::string>& patterns,
                         const std::vector<std::string>& before,
                         const std::vector<std::string>& ours, std::vector<std::string>& warnings) {
    const auto now = co_await running(control, patterns);
    if (!now) co_return;
    for (const auto& name : *now) {
        if (contains(before, name) || contains(ours, name)) continue;
        std::exception_ptr failure;
        try {
            bool by_us = false;
            for (const auto& started : ours) {
                const bool wanted = co_await brings_up(control, started, name);
                by_us = by_us || wanted;
            }
            if (!by_us) continue;
            co_await control.stop(name);
            warnings.push_back("'" + name +
                               "' did not run before, was started as a dependency of a unit that "
                               "did, and is stopped again");
        } catch (...) {
            failure = std::current_exception();
        }
        if (failure)
            warnings.push_back("'" + name + "' did not run before, and cannot be stopped again: " +
                               describe(failure) + ", ignoring");
    }
}

}  // namespace

void put_sockets_first(std::vector<std::string>& names) {
    std::stable_partition(names.begin(), names.end(),
                          [](const auto& name) { return name.ends_with(".socket"); });
}

async::Task<Started> start_units(UnitControl& control, StartJob job, StopOptions options,
                                 Clock& clock, StoppedUnits::Report report) {
    Started started;
    auto& down = started.report.down;
    auto& warnings = started.report.warnings;
    // Checked before the first start, which may start other units by their dependencies.
    for (const auto& [name, time] : job.stopped_at) {
        if (!time.confirmed) continue;
        const bool active = co_await is_active(control, name);
        if (active)
            warnings.push_back("'" + name +
                               "' was started by another program in the meantime, ignoring");
    }
    for (const auto& name : job.quieted) {
        const auto outcome = co_await restart_quieted(control, name, options);
        if (outcome.kind == Outcome::active) continue;
        warnings.push_back("'" + name +
                           "' takes no new jobs and could not be restarted: " + outcome.why);
        // A failed restart has stopped the unit.
        auto& left = outcome.counts ? job.names : started.still_quiet;
        if (std::find(left.begin(), left.end(), name) == left.end()) left.push_back(name);
    }
    const auto before = co_await running(control, options.patterns);
    std::reverse(job.names.begin(), job.names.end());
    put_sockets_first(job.names);
    // Each unit has its first attempt before any unit has a second one, so that a unit that hangs
    // does not keep the others down.
    const auto patience = std::min<std::chrono::nanoseconds>(first_patience, options.start_timeout);
    std::vector<std::pair<std::string, Outcome>> late;
    started.report.begun = clock.steady();
    for (const auto& name : job.names) {
        if (report) report("starting '" + name + "'");
        auto outcome = co_await attempt_within(control, name, patience);
        if (outcome.kind != Outcome::down) {
            note(name, outcome, job, clock, started);
            continue;
        }
        if (report) report("'" + name + "' does not start: " + outcome.why + ", will retry");
        late.emplace_back(name, std::move(outcome));
    }
    for (auto& [name, outcome] : late) {
        const int attempts = outcome.counts ? 1 : 0;
        if (attempts < options.start_attempts)
            outcome = co_await start_one(control, name, attempts, options, report);
        note(name, outcome, job, clock, started);
    }
    if (before) co_await stop_again(control, options.patterns, *before, job.names, warnings);
    // Checked again, because a program that ends right after its start was active for a moment.
    for (const auto& name : job.names) {
        if (contains(down, name) || contains(started.refused, name)) continue;
        const bool still = co_await is_active(control, name);
        if (still) continue;
        const auto outcome = co_await start_one(control, name, 0, options, report);
        if (outcome.kind != Outcome::down) continue;
        down.push_back(name);
        warnings.push_back("'" + name + "' stays down: " + outcome.why);
    }
    co_return started;
}

}  // namespace mastobak::units
