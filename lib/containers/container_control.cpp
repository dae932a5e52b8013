// SPDX-License-Identifier: GPL-3.0-or-later
#include "containers/container_control.hpp"

#include <fmt/format.h>
#include <string.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "async/run_blocking.hpp"
#include "containers/properties.hpp"
#include "core/error.hpp"
#include "units/record.hpp"

namespace mastobak::containers {
namespace {

using namespace std::chrono_literals;
using units::JobResult;

/// Calls that wait for a container must not keep other calls waiting.
constexpr std::size_t threads = 4;
/// How often a container may be replaced while something is done to it.
constexpr int most_replacements = 3;

Error no_such(std::string_view doing, const std::string& name) {
    return Error(Errc::units, fmt::format("{} '{}': there is no such container", doing, name),
                 "'docker compose ps --all' shows the project's containers");
}

units::ContainerName name_or_throw(const std::string& name) {
    auto parsed = units::parse_container_name(name);
    if (!parsed) throw Error(Errc::units, fmt::format("'{}' is not the name of a container", name));
    return std::move(*parsed);
}

/// Returns the project of a pattern, which is a name and not a pattern itself.
std::string project_of(const std::string& pattern) {
    return pattern.substr(0, pattern.find('/'));
}

units::Unit describe(const Listed& one) {
    static const std::map<std::string, std::string> states{{"running", "active"},
                                                           {"restarting", "activating"},
                                                           {"removing", "deactivating"},
                                                           {"stopping", "deactivating"},
                                                           {"dead", "failed"}};
    const auto state = states.find(one.state);
    return {one.name.to_string(), state == states.end() ? "inactive" : state->second, one.state};
}

/// Leaves one of several containers with the same name: the one that find() would return.
std::map<std::string, Listed> by_name(std::vector<Listed> all) {
    std::map<std::string, Listed> result;
    for (auto& one : all) {
        auto name = one.name.to_string();
        const auto found = result.find(name);
        if (found == result.end())
            result.emplace(std::move(name), std::move(one));
        else if (is_preferred(one, found->second))
            found->second = std::move(one);
    }
    return result;
}

/// Does something to the container that has this name, again when it is replaced in the meantime.
/// \return nullopt when there is no such container
std::optional<Outcome> change(const Connection& to, const std::string& name, Change what) {
    const auto parsed = name_or_throw(name);
    for (int i = 0; i < most_replacements; ++i) {
        const auto container = find(to, parsed);
        if (!container) return std::nullopt;
        auto outcome = what(to, container->id);
        if (outcome.kind != Outcome::gone) return outcome;
    }
    return std::nullopt;
}

JobResult result_of(std::string_view doing, const std::string& name,
                    const std::optional<Outcome>& outcome) {
    if (!outcome) throw no_such(doing, name);
    return outcome->kind == Outcome::done ? JobResult::done : JobResult::failed;
}

/// Changes containers one after the other without a loop, as long as there is time.
void change_all(const std::filesystem::path& socket, const std::vector<std::string>& names,
                Change what) noexcept {
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    for (const auto& name : names) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            give_up - std::chrono::steady_clock::now());
        if (left <= 0s) return;
        try {
            change({.socket = socket, .patience = std::min(left, 2'000ms), .wait = left}, name,
                   what);
        } catch (...) {
            // If this fails, mastobak.service's ExecStopPost=mastobak resume-units starts them.
        }
    }
}

}  // namespace

ContainerControl::ContainerControl(std::filesystem::path socket)
    : socket_(std::move(socket)), pool_(threads) {}

ContainerControl::~ContainerControl() = default;

async::Task<std::vector<units::Unit>> ContainerControl::list(std::vector<std::string> patterns) {
    auto work = [socket = socket_, patterns](std::stop_token stop) {
        std::map<std::string, Listed> all;
        std::set<std::string> projects;
        for (const auto& pattern : patterns) projects.insert(project_of(pattern));
        for (const auto& project : projects)
            if (units::is_project_name(project))
                all.merge(by_name(containers::list({.socket = socket, .stop = stop}, project)));
        return all;
    };
    const auto all = co_await async::run_blocking(pool_, std::move(work));
    std::vector<units::Unit> found;
    std::set<std::string> known;
    for (const auto& pattern : patterns)
        for (const auto& [name, one] : all)
            if (units::matches_one(name, {pattern}) && known.insert(name).second)
                found.push_back(describe(one));
    co_return found;
}

async::Task<std::optional<units::Unit>> ContainerControl::query(std::string name) {
    const auto parsed = name_or_throw(name);
    auto work = [socket = socket_, parsed](std::stop_token stop) {
        return find({.socket = socket, .stop = std::move(stop)}, parsed);
    };
    const auto found = co_await async::run_blocking(pool_, std::move(work));
    if (!found) co_return std::nullopt;
    co_return describe(*found);
}

async::Task<std::optional<Outcome>> ContainerControl::run(std::string name, Change what) {
    auto work = [socket = socket_, name = std::move(name), what](std::stop_token stop) {
        return change({.socket = socket, .stop = std::move(stop)}, name, what);
    };
    co_return co_await async::run_blocking(pool_, std::move(work));
}

async::Task<JobResult> ContainerControl::stop(std::string name) {
    const auto outcome = co_await run(std::move(name), &containers::stop);
    // A container that was removed does not run.
    co_return outcome && outcome->kind == Outcome::failed ? JobResult::failed : JobResult::done;
}

async::Task<JobResult> ContainerControl::start(std::string name) {
    const auto outcome = co_await run(name, &containers::start);
    co_return result_of("start", name, outcome);
}

async::Task<JobResult> ContainerControl::restart(std::string name) {
    const auto outcome = co_await run(name, &containers::restart);
    co_return result_of("restart", name, outcome);
}

async::Task<> ContainerControl::check_may_control(std::string name) {
    const auto container = co_await query(name);
    if (!container) throw no_such("look at", name);
    // The helper shows processes only of what it may also stop and start.
    co_await processes(name);
}

async::Task<> ContainerControl::kill(std::string name, units::Whom whom, int signal) {
    const auto* const word = ::sigabbrev_np(signal);
    if (word == nullptr) throw Error(Errc::units, fmt::format("there is no signal {}", signal));
    const auto parsed = name_or_throw(name);
    auto work = [socket = socket_, parsed, whom, word = std::string(word)](std::stop_token stop) {
        const Connection to{.socket = socket, .stop = std::move(stop)};
        const auto container = find(to, parsed);
        if (!container) return Outcome{Outcome::gone, "there is no such container"};
        auto outcome = containers::kill(to, container->id, word);
        if (whom == units::Whom::main || outcome.kind != Outcome::done) return outcome;
        return kill_others(to, container->id, word);
    };
    const auto outcome = co_await async::run_blocking(pool_, std::move(work));
    if (outcome.kind != Outcome::done)
        throw Error(Errc::units, fmt::format("send a signal to '{}': {}", name, outcome.why));
}

async::Task<std::vector<units::Process>> ContainerControl::processes(std::string name) {
    const auto parsed = name_or_throw(name);
    auto work = [socket = socket_, parsed](std::stop_token stop) {
        const Connection to{.socket = socket, .stop = std::move(stop)};
        const auto container = find(to, parsed);
        return container ? containers::processes(to, container->id)
                         : std::vector<ContainerProcess>();
    };
    const auto found = co_await async::run_blocking(pool_, std::move(work));
    std::vector<units::Process> processes;
    for (const auto& process : found) processes.push_back({process.pid, process.command});
    co_return processes;
}

async::Task<std::optional<std::string>> ContainerControl::property(std::string unit,
                                                                   std::string name) {
    const auto parsed = units::parse_container_name(unit);
    if (!parsed) co_return std::nullopt;
    auto work = [socket = socket_, parsed = *parsed, name = std::move(name)](std::stop_token stop) {
        return read_property({.socket = socket, .stop = std::move(stop)}, parsed, name);
    };
    co_return co_await async::run_blocking(pool_, std::move(work));
}

async::Task<units::Inhibitor> ContainerControl::inhibit_shutdown() {
    co_return units::Inhibitor();
}

void ContainerControl::start_no_reply(const std::vector<std::string>& names) noexcept {
    change_all(socket_, names, &containers::start);
}

void ContainerControl::restart_no_reply(const std::vector<std::string>& names) noexcept {
    change_all(socket_, names, &containers::restart);
}

}  // namespace mastobak::containers
