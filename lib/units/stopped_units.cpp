// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/stopped_units.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <string_view>
#include <utility>

#include "async/job.hpp"
#include "async/timers.hpp"
#include "core/contains.hpp"
#include "units/container_name.hpp"
#include "units/start_units.hpp"

namespace mastobak::units {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

/// How many times units may come back while they are being stopped.
constexpr int most_rounds = 4;
constexpr auto settle_interval = 100ms;

/// Returns whether a unit is active or about to be: a unit with Restart=always is "activating"
/// between two attempts.
bool runs(const Unit& unit) {
    return unit.active() || unit.active_state == "activating";
}

/// Writes the names of the units that still have to be started to the record, and keeps the names
/// that root may not start. Returns a warning when that fails.
std::vector<std::string> update_record(const Record& record, std::vector<std::string> to_start,
                                       const std::vector<std::string>& patterns) {
    try {
        for (auto& name : record.read_foreign(patterns))
            if (!contains(to_start, name)) to_start.push_back(std::move(name));
        if (to_start.empty())
            record.remove();
        else
            record.write(to_start);
    } catch (const Error& e) {
        return {std::string(e.what()) + ", ignoring"};
    }
    return {};
}

Record quieted_record(const Record& record) {
    return Record(record.file().parent_path() / "quieted-units");
}

MaintenancePage page_of(const Record& record, const StopOptions& options) {
    return MaintenancePage(record.file().parent_path() / "maintenance-file",
                           options.maintenance_file);
}

/// Starts the units, and leaves those that do not run in the record.
/// \param to_start receives the units that the destructor has to start: those that stayed down
async::Task<StartReport> start_and_settle(UnitControl& control, Record record, StartJob job,
                                          StopOptions options, Clock& clock,
                                          StoppedUnits::Report report,
                                          std::vector<std::string>& to_start) {
    auto names = job.names;
    const auto patterns = options.patterns;
    for (const auto& name : job.quieted)
        if (!contains(names, name)) names.push_back(name);
    const auto page = page_of(record, options);
    auto work = start_units(control, std::move(job), std::move(options), clock, std::move(report));
    // A separate job, because the caller's cancellation must not reach it.
    const auto loop = co_await asio::this_coro::executor;
    async::Job<Started> starting(loop, std::move(work));
    co_await starting.end();
    auto started = starting.result();
    // In the order of the record, which is the order of stopping.
    std::vector<std::string> still_down;
    to_start.clear();
    for (const auto& name : names) {
        const bool down = contains(started.report.down, name);
        if (down) to_start.push_back(name);
        if (down || contains(started.refused, name)) still_down.push_back(name);
    }
    for (auto& warning : update_record(record, still_down, patterns))
        started.report.warnings.push_back(std::move(warning));
    for (auto& warning : update_record(quieted_record(record), started.still_quiet, patterns))
        started.report.warnings.push_back(std::move(warning));
    if (auto warning = page.lower()) started.report.warnings.push_back(std::move(*warning));
    co_return std::move(started.report);
}

/// Returns the direct dependents and their dependents, and so on.
std::vector<std::string> all_that_follow(const std::string& name, const Dependents& direct) {
    std::vector<std::string> all{name};
    for (std::size_t i = 0; i < all.size(); ++i)
        if (const auto next = direct.find(all[i]); next != direct.end())
            for (const auto& dependent : next->second)
                if (!contains(all, dependent)) all.push_back(dependent);
    all.erase(all.begin());
    return all;
}

/// Determines the dependents of running units from their dependencies. Call it before the first
/// unit is stopped: systemd unloads an instance when it stops, and its dependencies with it. Throws
/// Error{units}.
async::Task<Dependents> find_dependents(UnitControl& control, std::vector<std::string> running) {
    Dependents direct;
    for (const auto& name : running) {
        // Source: systemd.unit(5). When a unit that one of these properties names stops, this unit
        // stops, too.
        for (const auto* relation : {"PartOf", "Requires", "BindsTo", "StopPropagatedFrom"}) {
            const auto others = co_await elements_of(control, name, relation);
            for (const auto& other : others) direct[other].push_back(name);
        }
    }
    Dependents dependents;
    for (const auto& name : running) dependents[name] = all_that_follow(name, direct);
    co_return dependents;
}

/// Returns whether a unit is sidekiq's, by the name that Mastodon's documentation uses.
bool is_sidekiq(std::string_view unit) {
    return unit.find("sidekiq") != unit.npos;
}

}  // namespace

StoppedUnits::StoppedUnits(UnitControl& control, Record record, StopOptions options, Clock& clock,
                           Report report)
    : control_(control),
      record_(std::move(record)),
      quieted_record_(quieted_record(record_)),
      page_(page_of(record_, options)),
      options_(std::move(options)),
      clock_(clock),
      report_(std::move(report)) {}

StoppedUnits::~StoppedUnits() {
    if (!quieted_.empty()) control_.restart_no_reply(quieted_);
    if (!to_start_.empty()) {
        std::reverse(to_start_.begin(), to_start_.end());
        put_sockets_first(to_start_);
        control_.start_no_reply(to_start_);
    }
    page_.lower();
}

void StoppedUnits::say(const std::string& event) const {
    if (report_) report_(event);
}

void StoppedUnits::remember(const std::vector<std::string>& names) {
    // Units that an earlier run has left down still have to be started.
    auto all = names_.empty() ? record_.read(options_.patterns) : names_;
    for (const auto& name : names)
        if (!contains(all, name)) all.push_back(name);
    // Recorded durably first, because a unit that is not recorded must not be stopped.
    auto recorded = all;
    for (auto& name : record_.read_foreign(options_.patterns))
        if (!contains(recorded, name)) recorded.push_back(std::move(name));
    record_.write(recorded);
    names_ = all;
    to_start_ = std::move(all);
}

async::Task<> StoppedUnits::stop() {
    std::chrono::nanoseconds waited{0};
    for (int round = 1;;) {
        const auto units = co_await control_.list(options_.patterns);
        std::vector<std::string> running;
        std::string leaving;  // another process stops or restarts it: the loop below waits
        for (const auto& unit : units) {
            if (runs(unit)) running.push_back(unit.name);
            if (unit.active_state == "deactivating") leaving = unit.name;
        }
        if (running.empty() && leaving.empty()) co_return;
        // Web units stop before sidekiq, so that sidekiq still works on what was posted; they start
        // in reverse order.
        std::stable_partition(running.begin(), running.end(),
                              [](const auto& name) { return !is_sidekiq(name); });
        put_sockets_first(running);
        if (!running.empty()) {
            if (round++ > most_rounds)
                throw Error(Errc::units,
                            "stop '" + running.front() + "': it is started again and again",
                            "something starts it while mastobak stops it: a timer, a socket, a "
                            "watchdog?");
            if (!inhibitor_.held()) inhibitor_ = co_await control_.inhibit_shutdown();
            page_.raise(options_.maintenance_file);
            const auto dependents = co_await find_dependents(control_, running);
            for (const auto& name : running) {
                const bool ours = co_await take(name, dependents);
                if (ours) co_await stop_one(name);
            }
            continue;
        }
        if (waited > options_.stop_timeout)
            throw Error(Errc::units, "wait for '" + leaving + "' to stop: it takes too long",
                        "see '" + status_command(leaving) + "'");
        co_await async::wait_for(settle_interval);
        waited += settle_interval;
    }
}

/// Returns whether this run may stop the unit; if so, the unit and its dependents are recorded.
async::Task<bool> StoppedUnits::take(std::string name, const Dependents& dependents) {
    if (contains(names_, name)) co_return true;
    const auto unit = co_await control_.query(name);
    if (!unit || !runs(*unit)) {
        // An admin has stopped the unit before its turn, so it is not quiet any more.
        std::erase(quieted_, name);
        co_return false;
    }
    std::vector<std::string> names{name};
    for (const auto& dependent : dependents.at(name)) {
        const auto other = co_await control_.query(dependent);
        if (other && runs(*other)) names.push_back(dependent);
    }
    remember(names);
    co_return true;
}

async::Task<> StoppedUnits::stop_one(std::string name) {
    const auto doing = "stop '" + name + "'";
    const auto hint = "see '" + status_command(name) + "'";
    say("stopping '" + name + "'");
    auto& time =
        stopped_at_.try_emplace(name, StopTime{clock_.now(), clock_.steady()}).first->second;
    auto task = control_.stop(name);
    const auto result = co_await async::with_deadline(options_.stop_timeout, std::move(task));
    if (!result)
        throw Error(Errc::units, doing + ": not stopped within " + to_text(options_.stop_timeout),
                    hint);
    if (result == JobResult::refused)
        throw Error(Errc::units, doing + ": systemd is shutting down");
    if (result == JobResult::failed) {
        // The stop job may still have stopped it, in the end by SIGKILL.
        const auto unit = co_await control_.query(name);
        if (unit && runs(*unit)) throw Error(Errc::units, doing + ": its stop job failed", hint);
    }
    time.confirmed = true;
    std::erase(quieted_, name);
}

async::Task<StartReport> StoppedUnits::start() {
    StartJob job{names_, stopped_at_, std::exchange(quieted_, {})};
    auto report = co_await start_and_settle(control_, record_, std::move(job), options_, clock_,
                                            report_, to_start_);
    inhibitor_ = {};
    co_return report;
}

bool has_leftovers(const Record& record, const StopOptions& options) {
    return !record.read(options.patterns).empty() ||
           !quieted_record(record).read(options.patterns).empty() ||
           page_of(record, options).raised();
}

async::Task<StartReport> resume(UnitControl& control, Record record, StopOptions options,
                                Clock& clock) {
    StartJob job{.names = record.read(options.patterns),
                 .quieted = quieted_record(record).read(options.patterns)};
    StartReport report;
    const auto foreign = record.read_foreign(options.patterns);
    if (job.names.empty() && job.quieted.empty() && !page_of(record, options).raised()) {
        report.warnings = update_record(record, {}, options.patterns);
    } else {
        std::vector<std::string> to_start;
        report = co_await start_and_settle(control, record, std::move(job), std::move(options),
                                           clock, {}, to_start);
    }
    if (foreign.empty()) co_return report;
    report.warnings.push_back(fmt::format(
        "'{}' names {}, which mastodon.units does not name, so root does not start it, ignoring",
        record.file().native(), fmt::join(foreign, ", ")));
    co_return report;
}

}  // namespace mastobak::units
