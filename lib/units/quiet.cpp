// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <exception>
#include <optional>
#include <utility>

#include "async/timers.hpp"
#include "units/sidekiq.hpp"
#include "units/stopped_units.hpp"

namespace mastobak::units {
namespace {

using namespace std::chrono_literals;

constexpr auto poll_interval = 250ms;

/// Of all the sidekiq processes of a unit; nothing when there is none.
async::Task<std::optional<SidekiqState>> sidekiq_state(UnitControl& control, std::string unit) {
    const auto commands = co_await control.processes(std::move(unit));
    std::optional<SidekiqState> all;
    for (const auto& command : commands) {
        const auto state = parse_sidekiq_title(command);
        if (!state) continue;
        all =
            SidekiqState{(all ? all->busy : 0) + state->busy, (!all || all->quiet) && state->quiet};
    }
    co_return all;
}

async::Task<std::string> tell_to_be_quiet(UnitControl& control, std::string unit) {
    try {
        co_await control.kill(unit, SIGTSTP);
    } catch (const Error& e) {
        co_return fmt::format("'{}' could not be told to take no new jobs: {}, ignoring", unit,
                              e.what());
    }
    co_return std::string();
}

}  // namespace

async::Task<QuietReport> StoppedUnits::quiet(std::chrono::seconds limit) {
    QuietReport report;
    const auto units = co_await control_.list(options_.patterns);
    for (const auto& unit : units) {
        const auto state = co_await sidekiq_state(control_, unit.name);
        if (unit.active() && state) report.quieted.push_back(unit.name);
    }
    if (report.quieted.empty()) co_return report;
    // Durable first, as for stopping.
    quieted_record_.write(report.quieted);
    quieted_ = report.quieted;
    for (const auto& name : report.quieted) {
        say("telling '" + name + "' to take no new jobs");
        auto warning = co_await tell_to_be_quiet(control_, name);
        if (!warning.empty()) report.warnings.push_back(std::move(warning));
    }
    const auto begun = clock_.steady();
    auto waiting_for = report.quieted;
    for (;;) {
        std::uint64_t busy = 0;
        for (const auto& name : report.quieted) {
            const auto state = co_await sidekiq_state(control_, name);
            if (!state || state->idle_for_good())
                std::erase(waiting_for, name);
            else
                busy += state->busy;
        }
        report.waited = clock_.steady() - begun;
        if (waiting_for.empty()) co_return report;
        if (report.waited >= limit) {
            report.warnings.push_back(fmt::format(
                "sidekiq still worked on {} jobs {} after it was told to take no new ones; those "
                "that do not end within its own time-out begin again when it starts, ignoring",
                busy, to_text(limit)));
            co_return report;
        }
        co_await async::wait_for(poll_interval);
    }
}

}  // namespace mastobak::units
