// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/backups/in_daemon.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/api.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/records/json.hpp"

namespace mastobak::daemon {
namespace {

/// Returns the hint for all commands that need the daemon.
std::string without_daemon(const Instance& instance) {
    return fmt::format("{}systemctl start {}; run and drill work without it, with --standalone",
                       ::geteuid() == 0 ? "" : "sudo ", instance.daemon());
}

/// Returns the text of an error without the name of the D-Bus call: "it is not running".
std::string reason_of(const Error& error) {
    const auto& text = error.text();
    const auto mark = text.rfind("': ");
    return mark == std::string::npos ? text : text.substr(mark + 3);
}

constexpr auto show_every = std::chrono::milliseconds(250);

/// Returns the results of retention. A remote for which sets are queued has no new result, because
/// its uploads come first.
std::vector<backup::PruneReport> reports_of(const State& state) {
    auto reports = state.pruned;
    for (const auto& remote : state.offsite) {
        if (remote.queued == 0) continue;
        std::erase_if(reports, [&](const auto& report) { return report.remote == remote.remote; });
        backup::PruneReport waiting;
        waiting.remote = remote.remote;
        waiting.waits_for =
            counted(remote.queued, "set that is queued for it", "sets that are queued for it");
        reports.push_back(std::move(waiting));
    }
    return reports;
}

/// The signal handler for Ctrl-C, which ends the command but not the run.
void say_that_the_run_continues(int) {
    constexpr std::string_view text =
        "\nmastobak: the run continues in the daemon; mastobak run --follow follows it again, "
        "mastobak cancel ends it\n";
    write_error_in_handler(text);
    ::_exit(128 + SIGINT);
}

}  // namespace

template <typename Work>
auto InDaemon::with_hint(Work work) {
    try {
        return work();
    } catch (const Error& error) {
        if (error.code() == Errc::unavailable)
            throw Error(Errc::unavailable,
                        reason_of(error) == "it is not running"
                            ? "the daemon is not running"
                            : "the daemon does not answer: " + reason_of(error),
                        without_daemon(instance_));
        if (error.code() == Errc::denied)
            throw Error(Errc::denied, "this user may not ask the daemon for that",
                        "root and the group 'mastobak' may");
        throw;
    }
}

InDaemon::InDaemon(const Options& options) : instance_(options.instance) {
    client_ = with_hint([&] {
        return std::make_unique<bus::Client>(options.instance.bus_name(), api::path,
                                             api::interface);
    });
    if (!options.config_given) return;
    const auto theirs = state().config;
    std::error_code ignored;
    const bool same =
        std::filesystem::absolute(options.config, ignored).lexically_normal() == theirs ||
        std::filesystem::equivalent(options.config, theirs, ignored);
    if (!same)
        throw Error(Errc::usage,
                    fmt::format("the daemon uses the configuration '{}', not '{}'", theirs,
                                options.config.native()),
                    "leave --config out; run and drill use it with --standalone");
}

State InDaemon::state() {
    const auto text = with_hint([this] { return client_->property("State"); });
    try {
        return record_from<State>(Json::parse(text));
    } catch (const Json::exception& error) {
        throw Error(Errc::unavailable,
                    fmt::format("cannot read the daemon's state: {}", error.what()),
                    fmt::format("is the daemon of a different version? systemctl restart {}",
                                instance_.daemon()));
    }
}

/// \return the id of the run
std::string InDaemon::start(const RunRequest& request) {
    if (request.follow) {
        if (const auto now = state(); now.running) return now.running->id;
        throw Error(Errc::usage, "no run is in progress", "mastobak run starts one");
    }
    if (request.dry) return with_hint([this] { return client_->call("DryRun"); });
    const auto argument = request.note.empty() ? std::string() : dump(Json{{"note", request.note}});
    try {
        return with_hint([&] { return client_->call("Start", argument); });
    } catch (const Error& error) {
        if (error.code() != Errc::busy) throw;
        throw Error(Errc::busy, error.text(), "mastobak run --follow follows the one in progress");
    }
}

void InDaemon::cancel() {
    with_hint([this] { return client_->call("Cancel"); });
}

void InDaemon::upload() {
    with_hint([this] { return client_->call("Upload"); });
}

std::vector<backup::PruneReport> InDaemon::prune(backup::PruneOptions options) {
    with_hint([&] { return client_->call("Prune", options.unsent ? "unsent" : ""); });
    for (;;) {
        auto now = state();
        const bool goes_on = now.pruning || std::any_of(now.offsite.begin(), now.offsite.end(),
                                                        [](const auto& r) { return r.pruning; });
        if (!goes_on) return reports_of(now);
        with_hint([&] { return client_->wait_until([] { return false; }, show_every); });
    }
}

std::vector<NotifyResult> InDaemon::test_notifications(const std::string& target) {
    const auto id = with_hint([&] { return client_->call("NotifyTest", target); });
    for (;;) {
        const auto text = with_hint([this] { return client_->property("LastNotifyTest"); });
        const auto test = record_from<NotifyTest>(Json::parse(text));
        if (test.id != id)
            throw Error(Errc::unavailable, "the daemon does not know the test",
                        "it was restarted meanwhile; start the test again");
        if (test.done) return test.results;
        with_hint([&] { return client_->wait_until([] { return false; }, show_every); });
    }
}

void InDaemon::added(const std::string& set) {
    with_hint([this, &set] { return client_->call("Added", set); });
}

void InDaemon::ran(const std::string& id) {
    with_hint([this, &id] { return client_->call("Ran", id); });
}

DrillRecord InDaemon::drill(const DrillRequest& request, const OnProgress& show) {
    const auto argument =
        dump({{"set", request.set}, {"from", request.from}, {"explain", request.explain}});
    const auto id = with_hint([&] { return client_->call("Drill", argument); });
    for (;;) {
        const auto now = state();
        const bool running = now.drilling && now.drilling->id == id;
        if (running) show(*now.drilling);
        if (const auto& last = now.drills.last; !running && last && last->id >= id) return *last;
        if (!running)
            throw Error(Errc::unavailable,
                        fmt::format("the daemon does not know the drill '{}'", id),
                        "it was restarted meanwhile; mastobak drill starts another one");
        with_hint([&] { return client_->wait_until([] { return false; }, show_every); });
    }
}

RunRecord InDaemon::run(const RunRequest& request, const OnProgress& show) {
    const auto id = start(request);
    std::signal(SIGINT, say_that_the_run_continues);
    bool ended = false;
    client_->subscribe("Finished", [&](const std::string&) { ended = true; });
    for (;;) {
        const auto now = state();
        const bool running = now.running && now.running->id == id;
        if (running) show(*now.running);
        for (const auto& last : {now.history.last_run, now.dry_run})
            if (!running && last && last->id == id) return *last;
        if (!running)
            throw Error(Errc::unavailable, fmt::format("the daemon does not know the run '{}'", id),
                        "it was restarted meanwhile; mastobak status shows how the run ended");
        with_hint([&] { return client_->wait_until([&] { return ended; }, show_every); });
    }
}

}  // namespace mastobak::daemon
