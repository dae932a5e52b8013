// SPDX-License-Identifier: GPL-3.0-or-later
#include "units/systemd_control.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "async/timers.hpp"
#include "bus/connection.hpp"
#include "core/process/accounts.hpp"

namespace mastobak::units {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr auto service = "org.freedesktop.systemd1";
constexpr auto manager_path = "/org/freedesktop/systemd1";
constexpr auto manager = "org.freedesktop.systemd1.Manager";
constexpr auto unit_interface = "org.freedesktop.systemd1.Unit";
constexpr auto properties = "org.freedesktop.DBus.Properties";
constexpr auto unit_list = "a(ssssssouso)";
/// How long to wait for a job's signal before asking systemd whether the job still exists: the
/// signal is lost when the bus is restarted.
constexpr auto ask_again = 2s;
constexpr int most_attempts = 5;
constexpr auto reconnect_pause = 300ms;

bus::Call to_manager(std::string method, std::vector<bus::Argument> arguments,
                     std::string returns) {
    return {.destination = service,
            .path = manager_path,
            .interface = manager,
            .method = std::move(method),
            .arguments = std::move(arguments),
            .returns = std::move(returns)};
}

Error as_units(const Error& error) {
    const auto* hint = error.code() == Errc::denied
                           ? "does the polkit rule of mastobak name this unit?"
                           : "is systemd there, and its system bus?";
    return Error(Errc::units, error.text(), error.hint().empty() ? hint : error.hint());
}

Error remote_error(const std::string& doing, const bus::Reply& reply) {
    return Error(Errc::units, doing + ": " + reply.error_text);
}

/// Returns the loaded units. systemd also lists names that other units only refer to.
std::vector<Unit> loaded_units(const bus::Values& values) {
    std::vector<Unit> units;
    for (const auto& entry : values.at(0).list()) {
        const auto& fields = entry.list();
        if (fields.at(2).string() == "not-found") continue;
        units.push_back({fields.at(0).string(), fields.at(3).string(), fields.at(4).string()});
    }
    return units;
}

/// Returns the D-Bus interface of a unit: "org.freedesktop.systemd1.Service" for
/// "mastodon-web.service".
std::string interface_of(const std::string& unit) {
    auto type = unit.substr(unit.rfind('.') + 1);
    if (!type.empty() && type.front() >= 'a' && type.front() <= 'z')
        type.front() = static_cast<char>(type.front() - 'a' + 'A');
    return std::string(service) + "." + type;
}

}  // namespace

JobResult result_of_job(std::string_view word) {
    return word == "done" || word == "skipped" ? JobResult::done : JobResult::failed;
}

/// The jobs that systemd has finished since a caller began to wait for a job.
struct SystemdControl::Jobs {
    std::map<std::string, std::string> results{};  ///< by the object path of the job
    std::set<asio::steady_timer*> waiting{};  ///< timers that are cancelled when a result arrives
    int interested = 0;
    bus::Subscription subscription{};
    std::uint64_t known_to = 0;  ///< the generation of the connection that has subscribed

    void removed(const bus::Values& values) {
        if (interested == 0) return;
        results[values.at(1).string()] = values.at(3).string();
        for (auto* timer : waiting) timer->cancel();
    }

    /// Results are kept as long as one of these objects exists.
    struct Interest {
        explicit Interest(std::shared_ptr<Jobs> all) : jobs(std::move(all)) { ++jobs->interested; }
        ~Interest() {
            if (--jobs->interested == 0) jobs->results.clear();
        }
        Interest(const Interest&) = delete;
        Interest& operator=(const Interest&) = delete;
        std::shared_ptr<Jobs> jobs;
    };

    struct Waiting {
        Waiting(Jobs& all, asio::steady_timer& own) : jobs(all), timer(own) {
            jobs.waiting.insert(&timer);
        }
        ~Waiting() { jobs.waiting.erase(&timer); }
        Waiting(const Waiting&) = delete;
        Waiting& operator=(const Waiting&) = delete;
        Jobs& jobs;
        asio::steady_timer& timer;
    };
};

SystemdControl::SystemdControl(bus::Connection& connection)
    : connection_(connection), jobs_(std::make_shared<Jobs>()) {}

SystemdControl::~SystemdControl() = default;

async::Task<bus::Reply> SystemdControl::exchange(bus::Call call) {
    for (int attempts = 1;; ++attempts) {
        const auto connection = connection_.generation();
        std::optional<Error> failure;
        try {
            auto reply = co_await connection_.exchange(call);
            co_return reply;
        } catch (const Error& e) {
            failure = e;
        }
        if (failure->code() != Errc::unavailable && failure->code() != Errc::denied) throw *failure;
        // An upgrade may restart the bus during the night. All our calls can be repeated.
        const bool broke = !connection_.connected() || connection_.generation() != connection;
        if (!broke || attempts == most_attempts) throw as_units(*failure);
        co_await async::wait_for(reconnect_pause);
    }
}

async::Task<std::vector<Unit>> SystemdControl::list(std::vector<std::string> patterns) {
    std::vector<Unit> found;
    for (const auto& pattern : patterns) {
        // One call for each pattern, because the answer does not say which pattern a unit matches.
        auto call =
            to_manager("ListUnitsByPatterns",
                       {std::vector<std::string>{}, std::vector<std::string>{pattern}}, unit_list);
        const auto reply = co_await exchange(std::move(call));
        if (!reply.ok()) throw remote_error("list the units '" + pattern + "'", reply);
        auto units = loaded_units(reply.values);
        std::sort(units.begin(), units.end(),
                  [](const Unit& a, const Unit& b) { return a.name < b.name; });
        for (auto& unit : units) {
            const auto same = [&unit](const Unit& other) { return other.name == unit.name; };
            if (std::none_of(found.begin(), found.end(), same)) found.push_back(std::move(unit));
        }
    }
    co_return found;
}

async::Task<std::optional<Unit>> SystemdControl::query(std::string name) {
    auto call = to_manager("ListUnitsByNames", {std::vector<std::string>{name}}, unit_list);
    const auto reply = co_await exchange(std::move(call));
    if (!reply.ok()) throw remote_error("ask for the state of '" + name + "'", reply);
    auto units = loaded_units(reply.values);
    if (units.empty()) co_return std::nullopt;
    co_return std::move(units.front());
}

async::Task<JobResult> SystemdControl::stop(std::string name) {
    co_return co_await run_job("StopUnit", std::move(name));
}

async::Task<JobResult> SystemdControl::start(std::string name) {
    co_return co_await run_job("StartUnit", std::move(name));
}

async::Task<JobResult> SystemdControl::restart(std::string name) {
    co_return co_await run_job("RestartUnit", std::move(name));
}

async::Task<bool> SystemdControl::is_allowed(const char* method,
                                             std::vector<bus::Argument> arguments) {
    auto call = to_manager(method, std::move(arguments), "o");
    bool denied = false;
    try {
        co_await connection_.exchange(call);
        co_return true;
    } catch (const Error& error) {
        denied = error.code() == Errc::denied;
    }
    if (denied && connection_.connected()) co_return false;
    co_await exchange(std::move(call));  // the bus may have been restarted
    co_return true;
}

async::Task<> SystemdControl::check_may_control(std::string name) {
    // Start ignores dependencies, so that a dependency that an admin has stopped stays stopped.
    // Stop uses a mode that is only valid for starts, which systemd refuses after it has asked
    // polkit.
    // Source: systemd, manager_add_job.
    std::vector<bus::Argument> start{name, std::string("ignore-dependencies")};
    std::vector<bus::Argument> stop{name, std::string("isolate")};
    const bool may_start = co_await is_allowed("StartUnit", std::move(start));
    if (may_start && co_await is_allowed("StopUnit", std::move(stop))) co_return;
    throw Error(Errc::units,
                fmt::format("systemd does not let user '{}' stop and start '{}': polkit refuses it",
                            user_name(::geteuid()), name),
                "write a polkit rule for it: see 'When your host is different' in "
                "/usr/share/doc/mastobak/SANDBOXING.md");
}

async::Task<> SystemdControl::kill(std::string name, Whom whom, int signal) {
    const std::string selection = whom == Whom::main ? "main" : "all";
    auto call = to_manager("KillUnit", {name, selection, std::int32_t{signal}}, "");
    const auto reply = co_await exchange(std::move(call));
    if (!reply.ok()) throw remote_error("send a signal to '" + name + "'", reply);
}

async::Task<std::vector<Process>> SystemdControl::processes(std::string name) {
    auto call = to_manager("GetUnitProcesses", {name}, "a(sus)");
    const auto reply = co_await exchange(std::move(call));
    std::vector<Process> processes;
    if (!reply.ok()) co_return processes;  // systemd does not know the unit: it has no processes
    for (const auto& process : reply.values.at(0).list()) {
        const auto& fields = process.list();
        processes.push_back(
            {static_cast<std::uint32_t>(fields.at(1).number()), fields.at(2).string()});
    }
    co_return processes;
}

async::Task<> SystemdControl::watch_jobs() {
    if (!jobs_->subscription) {
        // The connection outlives this object, and the subscription removes the handler.
        jobs_->subscription = connection_.subscribe({.sender = service,
                                                     .path = manager_path,
                                                     .interface = manager,
                                                     .member = "JobRemoved",
                                                     .signature = "uoss"},
                                                    [weak = std::weak_ptr(jobs_)](const auto& v) {
                                                        if (const auto jobs = weak.lock())
                                                            jobs->removed(v);
                                                    });
    }
    if (jobs_->known_to == connection_.generation()) co_return;
    auto call = to_manager("Subscribe", {}, "");
    const auto reply = co_await exchange(std::move(call));
    if (!reply.ok() && reply.error_name != "org.freedesktop.systemd1.AlreadySubscribed")
        throw remote_error("subscribe to systemd's signals", reply);
    jobs_->known_to = connection_.generation();
}

async::Task<JobResult> SystemdControl::run_job(std::string method, std::string name) {
    const bool starts = method != "StopUnit";
    const auto* verb = method == "StartUnit" ? "start '" : starts ? "restart '" : "stop '";
    const auto doing = verb + name + "'";
    co_await watch_jobs();
    // Results are kept from before the call, because a job can finish before its name arrives here.
    const Jobs::Interest interest(jobs_);
    auto call = to_manager(std::move(method), {name, std::string("replace")}, "o");
    const auto reply = co_await exchange(std::move(call));
    if (reply.ok()) {
        auto job = reply.values.at(0).string();
        co_return co_await wait_for_job(std::move(name), std::move(job), starts);
    }
    if (reply.error_name == "org.freedesktop.systemd1.TransactionIsDestructive" ||
        reply.error_name == "org.freedesktop.systemd1.ShuttingDown")
        co_return JobResult::refused;
    // An instance that stopped along with another unit may have been unloaded.
    if (!starts && reply.error_name == "org.freedesktop.systemd1.NoSuchUnit")
        co_return JobResult::done;
    throw remote_error(doing, reply);
}

async::Task<JobResult> SystemdControl::wait_for_job(std::string unit, std::string job,
                                                    bool starts) {
    const auto jobs = jobs_;
    asio::steady_timer timer(co_await asio::this_coro::executor);
    const Jobs::Waiting waiting(*jobs, timer);
    const auto ignoring_errors = asio::as_tuple(asio::use_awaitable);
    for (;;) {
        const auto result = jobs->results.find(job);
        if (result != jobs->results.end()) co_return result_of_job(result->second);
        timer.expires_after(ask_again);
        const auto [error] = co_await timer.async_wait(ignoring_errors);
        if (error) {
            // A result has arrived, or this wait was cancelled.
            const auto state = co_await asio::this_coro::cancellation_state;
            if (state.cancelled() != asio::cancellation_type::none)
                throw Error(Errc::cancelled, "wait for a job of '" + unit + "': cancelled");
            continue;
        }
        co_await watch_jobs();
        const bool under_way = co_await is_under_way(unit, job);
        if (under_way || jobs->results.contains(job)) continue;
        const auto now = co_await query(unit);
        const bool runs = now && now->active();
        co_return runs == starts ? JobResult::done : JobResult::failed;
    }
}

async::Task<bool> SystemdControl::is_under_way(std::string unit, std::string job) {
    auto call = to_manager("LoadUnit", {unit}, "o");
    const auto loaded = co_await exchange(std::move(call));
    if (!loaded.ok()) co_return false;
    auto object = loaded.values.at(0).string();
    const auto current = co_await read_property(std::move(object), unit_interface, "Job");
    // The property is a list of the job's ID and path, one on each line.
    co_return current && current->ends_with("\n" + job);
}

async::Task<std::optional<std::string>> SystemdControl::read_property(std::string object,
                                                                      std::string interface,
                                                                      std::string name) {
    bus::Call call{.destination = service,
                   .path = std::move(object),
                   .interface = properties,
                   .method = "Get",
                   .arguments = {std::move(interface), std::move(name)},
                   .returns = "v"};
    const auto reply = co_await exchange(std::move(call));
    if (!reply.ok()) co_return std::nullopt;
    co_return reply.values.at(0).text();
}

async::Task<std::optional<std::string>> SystemdControl::property(std::string unit,
                                                                 std::string name) {
    auto call = to_manager("LoadUnit", {unit}, "o");
    const auto loaded = co_await exchange(std::move(call));
    if (!loaded.ok()) co_return std::nullopt;
    const auto object = loaded.values.at(0).string();
    // systemd makes an object even for a unit that does not exist.
    const auto state = co_await read_property(object, unit_interface, "LoadState");
    if (!state || *state == "not-found") co_return std::nullopt;
    auto value = co_await read_property(object, interface_of(unit), name);
    if (!value) value = co_await read_property(object, unit_interface, name);
    co_return value;
}

async::Task<Inhibitor> SystemdControl::inhibit_shutdown() {
    return units::inhibit_shutdown(connection_, "Mastodon is stopped for the moment of a backup");
}

void SystemdControl::start_no_reply(const std::vector<std::string>& names) noexcept {
    request("StartUnit", names);
}

void SystemdControl::restart_no_reply(const std::vector<std::string>& names) noexcept {
    request("RestartUnit", names);
}

void SystemdControl::request(const char* method, const std::vector<std::string>& names) noexcept {
    const auto give_up = std::chrono::steady_clock::now() + 5s;
    for (const auto& name : names) {
        if (std::chrono::steady_clock::now() > give_up) return;
        try {
            auto call = to_manager(method, {name, std::string("replace")}, "o");
            call.timeout = 1s;
            connection_.call_blocking(call);
        } catch (...) {
            // If this fails, mastobak.service's ExecStopPost=mastobak resume-units starts the
            // units.
        }
    }
}

}  // namespace mastobak::units
