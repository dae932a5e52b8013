// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/fake_units.hpp"

#include <fnmatch.h>
#include <string.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <utility>

#include "async/timers.hpp"

namespace mastobak::test {
namespace {

/// All units have the same main PID, because the fakes are distinguished by name.
constexpr std::uint32_t main_pid = 100;

units::Unit describe(const std::string& name, const FakeUnit& unit) {
    return {name, unit.state, unit.state == "active" ? "running" : "dead"};
}

}  // namespace

async::Task<> FakeUnitControl::begin(std::string call, bool hangs) {
    if (unreachable) throw Error(Errc::units, call + ": nobody answers");
    calls.push_back(call);
    if (before) before(call);
    // As with systemd, other work of the loop runs before the answer arrives.
    co_await async::wait_for(std::chrono::nanoseconds(0));
    if (hangs) co_await async::wait_for(std::chrono::hours(24));
}

async::Task<std::vector<units::Unit>> FakeUnitControl::list(std::vector<std::string> patterns) {
    if (unreachable) throw Error(Errc::units, "list units: nobody answers");
    std::vector<units::Unit> found;
    for (const auto& pattern : patterns)
        for (const auto& [name, unit] : units) {
            const auto same = [&name = name](const units::Unit& u) { return u.name == name; };
            if (::fnmatch(pattern.c_str(), name.c_str(), 0) == 0 &&
                std::none_of(found.begin(), found.end(), same))
                found.push_back(describe(name, unit));
        }
    co_return found;
}

async::Task<units::JobResult> FakeUnitControl::stop(std::string name) {
    const auto found = units.find(name);
    const bool hangs = found != units.end() && found->second.hangs;
    std::string call = "stop " + name;
    co_await begin(std::move(call), hangs);
    if (found == units.end()) co_return units::JobResult::done;
    auto& unit = found->second;
    if (unit.refuses) co_return units::JobResult::refused;
    if (unit.stops_to_fail > 0) {
        --unit.stops_to_fail;
        co_return units::JobResult::failed;
    }
    unit.state = "inactive";
    for (auto& [other_name, other] : units)
        if (other.part_of == name) other.state = "inactive";
    co_return units::JobResult::done;
}

async::Task<units::JobResult> FakeUnitControl::start(std::string name) {
    const auto found = units.find(name);
    const bool hangs = found != units.end() && found->second.hangs;
    std::string call = "start " + name;
    co_await begin(std::move(call), hangs);
    if (found == units.end()) throw Error(Errc::units, "start '" + name + "': no such unit");
    auto& unit = found->second;
    if (unit.refuses) co_return units::JobResult::refused;
    if (unit.starts_to_fail > 0) {
        --unit.starts_to_fail;
        unit.state = "failed";
        co_return units::JobResult::failed;
    }
    unit.state = "active";
    unit.processes = unit.fresh_processes;
    using Microseconds = std::chrono::microseconds;
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    unit.properties["InactiveExitTimestampMonotonic"] =
        std::to_string(std::chrono::duration_cast<Microseconds>(now).count());
    co_return units::JobResult::done;
}

async::Task<units::JobResult> FakeUnitControl::restart(std::string name) {
    const auto found = units.find(name);
    const bool hangs = found != units.end() && found->second.hangs;
    std::string call = "restart " + name;
    co_await begin(std::move(call), hangs);
    if (found != units.end() && found->second.restarts_to_fail > 0) {
        --found->second.restarts_to_fail;
        found->second.state = "failed";
        co_return units::JobResult::failed;
    }
    if (found == units.end()) throw Error(Errc::units, "restart '" + name + "': no such unit");
    auto& unit = found->second;
    if (unit.refuses) co_return units::JobResult::refused;
    unit.state = "active";
    unit.processes = unit.fresh_processes;
    co_return units::JobResult::done;
}

async::Task<> FakeUnitControl::check_may_control(std::string name) {
    if (unreachable) throw Error(Errc::units, "ask for '" + name + "': nobody answers");
    const auto found = units.find(name);
    if (found != units.end() && found->second.denied)
        throw Error(Errc::units, "start '" + name + "': access denied");
    co_return;
}

async::Task<> FakeUnitControl::kill(std::string name, units::Whom whom, int signal) {
    std::string call = "kill " + name + " SIG" + ::sigabbrev_np(signal);
    if (whom == units::Whom::all) call += " to all";
    co_await begin(std::move(call), false);
    const auto found = units.find(name);
    if (found == units.end() || found->second.state != "active")
        throw Error(Errc::units, "send a signal to '" + name + "': it has no main process");
    if (signal != SIGTSTP) co_return;
    for (auto& process : found->second.processes) {
        if (process.find("busy]") != std::string::npos) process += " stopping";
        if (whom == units::Whom::main) break;
    }
}

async::Task<std::vector<units::Process>> FakeUnitControl::processes(std::string name) {
    if (unreachable) throw Error(Errc::units, "ask for '" + name + "': nobody answers");
    const auto found = units.find(name);
    std::vector<units::Process> all;
    if (found == units.end() || found->second.state != "active") co_return all;
    for (const auto& command : found->second.processes)
        all.push_back({main_pid + static_cast<std::uint32_t>(all.size()), command});
    co_return all;
}

async::Task<std::optional<units::Unit>> FakeUnitControl::query(std::string name) {
    if (unreachable) throw Error(Errc::units, "ask for '" + name + "': nobody answers");
    const auto found = units.find(name);
    if (found == units.end()) co_return std::nullopt;
    co_return describe(found->first, found->second);
}

async::Task<std::optional<std::string>> FakeUnitControl::property(std::string unit,
                                                                  std::string name) {
    const auto found = units.find(unit);
    if (found == units.end()) co_return std::nullopt;
    if (name == "PartOf") co_return found->second.part_of;
    if (name == "Requires" || name == "BindsTo" || name == "StopPropagatedFrom")
        co_return std::string();
    if (name == "MainPID") co_return std::to_string(main_pid);
    const auto value = found->second.properties.find(name);
    if (value == found->second.properties.end()) co_return std::nullopt;
    co_return value->second;
}

async::Task<units::Inhibitor> FakeUnitControl::inhibit_shutdown() {
    const auto lock = std::make_shared<const UniqueFd>();
    inhibitor_ = lock;
    co_return units::Inhibitor(lock);
}

void FakeUnitControl::start_no_reply(const std::vector<std::string>& names) noexcept {
    for (const auto& name : names) {
        calls.push_back("start_no_reply " + name);
        const auto found = units.find(name);
        if (found != units.end()) found->second.state = "active";
    }
}

void FakeUnitControl::restart_no_reply(const std::vector<std::string>& names) noexcept {
    for (const auto& name : names) {
        calls.push_back("restart_no_reply " + name);
        const auto found = units.find(name);
        if (found != units.end()) found->second.state = "active";
    }
}

std::vector<std::string> FakeUnitControl::active() const {
    std::vector<std::string> names;
    for (const auto& [name, unit] : units)
        if (unit.state == "active") names.push_back(name);
    return names;
}

}  // namespace mastobak::test
