// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <utility>

#include "async/timers.hpp"
#include "core/text.hpp"
#include "units/sidekiq.hpp"
#include "units/stopped_units.hpp"

namespace mastobak::units {
namespace {

using namespace std::chrono_literals;

constexpr auto poll_interval = 250ms;

/// The sidekiq processes of a unit.
struct Sidekiqs {
    std::vector<std::uint32_t> pids;
    SidekiqState state;  ///< state of all of them together

    bool idle_for_good() const { return pids.empty() || state.idle_for_good(); }
};

async::Task<Sidekiqs> sidekiqs_of(UnitControl& control, std::string unit) {
    const auto processes = co_await control.processes(std::move(unit));
    Sidekiqs found{.pids = {}, .state = {.busy = 0, .quiet = true}};
    for (const auto& process : processes) {
        const auto state = parse_sidekiq_title(process.command);
        if (!state) continue;
        found.pids.push_back(process.pid);
        found.state = {found.state.busy + state->busy, found.state.quiet && state->quiet};
    }
    co_return found;
}

/// \return a warning when the signal could not be sent
async::Task<std::string> send(UnitControl& control, std::string unit, Whom whom, int signal) {
    try {
        co_await control.kill(unit, whom, signal);
    } catch (const Error& e) {
        co_return fmt::format("'{}' could not be asked to take no new jobs: {}, ignoring", unit,
                              e.what());
    }
    co_return std::string();
}

/// Returns Whom::main if sidekiq is the main process. Behind a shell (`bash -lc "…; sidekiq"`) it
/// is not, and systemd can signal no single process except the main one, so all processes get the
/// signal.
async::Task<Whom> whom_to_signal(UnitControl& control, std::string unit, Sidekiqs sidekiqs) {
    const auto main = co_await control.property(std::move(unit), "MainPID");
    const bool alone = sidekiqs.pids.size() == 1 && main == std::to_string(sidekiqs.pids.front());
    co_return alone ? Whom::main : Whom::all;
}

std::string too_busy(const std::vector<std::string>& units, std::uint64_t busy,
                     std::chrono::seconds limit) {
    if (busy == 0)
        return fmt::format("{} did not confirm within {} that no new jobs are taken, ignoring",
                           fmt::join(units, ", "), to_text(limit));
    return fmt::format(
        "sidekiq still worked on {} {} after it was asked to take no new ones; those that do not "
        "end within its own time-out begin again when it starts, ignoring",
        counted(busy, "job", "jobs"), to_text(limit));
}

}  // namespace

async::Task<QuietReport> StoppedUnits::quiet(std::chrono::seconds limit) {
    QuietReport report;
    std::vector<Sidekiqs> found;  // one for each unit in report.quieted
    const auto units = co_await control_.list(options_.patterns);
    for (const auto& unit : units) {
        auto sidekiqs = co_await sidekiqs_of(control_, unit.name);
        if (!unit.active() || sidekiqs.pids.empty()) continue;
        report.quieted.push_back(unit.name);
        found.push_back(std::move(sidekiqs));
    }
    if (report.quieted.empty()) co_return report;
    // Recorded durably before the signal, as for stopping.
    quieted_record_.write(report.quieted);
    quieted_ = report.quieted;
    std::vector<std::string> signalled_whole;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto& name = report.quieted[i];
        say("asking '" + name + "' to take no new jobs");
        const auto whom = co_await whom_to_signal(control_, name, found[i]);
        auto warning = co_await send(control_, name, whom, SIGTSTP);
        if (!warning.empty())
            report.warnings.push_back(std::move(warning));
        else if (whom == Whom::all)
            signalled_whole.push_back(name);
    }
    const auto begun = clock_.steady();
    if (!signalled_whole.empty()) {
        // SIGTSTP also suspends a process that does not handle it (a media converter in its own
        // process group), and the job would wait for that process. SIGCONT resumes it. SIGCONT also
        // cancels a SIGTSTP that has not arrived yet, hence the pause; it has no effect on sidekiq
        // itself.
        co_await async::wait_for(poll_interval);
        // A failure is ignored: the unit may have ended in the meantime.
        for (const auto& name : signalled_whole) co_await send(control_, name, Whom::all, SIGCONT);
    }
    auto waiting_for = report.quieted;
    for (;;) {
        std::uint64_t busy = 0;
        for (const auto& name : report.quieted) {
            const auto sidekiqs = co_await sidekiqs_of(control_, name);
            if (sidekiqs.idle_for_good())
                std::erase(waiting_for, name);
            else
                busy += sidekiqs.state.busy;
        }
        report.waited = clock_.steady() - begun;
        if (waiting_for.empty()) co_return report;
        if (report.waited >= limit) {
            report.warnings.push_back(too_busy(waiting_for, busy, limit));
            co_return report;
        }
        co_await async::wait_for(poll_interval);
    }
}

}  // namespace mastobak::units
