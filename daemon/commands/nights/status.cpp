// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "config/load.hpp"
#include "core/error.hpp"
#include "core/instance.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/backups/in_daemon.hpp"
#include "daemon/backups/in_process.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/jobs/scrub_job.hpp"
#include "daemon/records/acknowledged.hpp"
#include "daemon/records/health.hpp"
#include "daemon/records/json.hpp"
#include "offsite/remotes/make_remote.hpp"
#include "store/formats/signature.hpp"
#include "store/staging.hpp"

namespace mastobak::daemon {
namespace {

/// Returns nullopt when the daemon does not run, or runs with another configuration.
std::optional<State> ask_daemon(const Options& options, std::string& why) {
    try {
        return InDaemon(options).state();
    } catch (const Error& error) {
        const bool other = error.code() == Errc::usage;
        if (!other && error.code() != Errc::unavailable) throw;
        why = other ? error.text()
                    : fmt::format("the daemon is not running; hint: systemctl start {}",
                                  options.instance.daemon());
        return std::nullopt;
    }
}

// Only root and the owner may read staging. For other users, the daemon's history has the newest
// set.
std::optional<std::string> newest_set(const config::Config& config, const State& state) {
    try {
        return store::Staging(config.staging.path).latest();
    } catch (const Error&) {
        return state.history.last_success ? state.history.last_success->set : std::nullopt;
    }
}

void print_offsite(const offsite::RemoteState& remote, Timestamp now) {
    std::string text = remote.newest_set ? fmt::format("newest complete set {}", *remote.newest_set)
                                         : "no complete set yet";
    if (remote.free) text += fmt::format(", {} free", to_string(*remote.free));
    if (remote.queued > 0) text += fmt::format(", {} waiting", remote.queued);
    if (remote.queued > 0 && remote.waiting)
        text += fmt::format(" ({})", to_string(*remote.waiting));
    if (!remote.uploading.empty())
        text += fmt::format(", copying '{}' ({} of {}{})", remote.uploading, to_string(remote.done),
                            to_string(remote.total),
                            remote.left ? fmt::format(", {}/s, {} left", to_string(remote.rate),
                                                      to_text(*remote.left))
                                        : "");
    say("off-site    {}: {}\n", remote.remote, text);
    if (remote.last_error.empty()) return;
    const auto when = remote.failed_at
                          ? fmt::format("{} ({} ago)", to_local_text(*remote.failed_at),
                                        to_text(now - *remote.failed_at))
                          : std::string("last");
    say("            failed {}: {}\n", when, remote.last_error);
    if (remote.next_attempt && *remote.next_attempt > now)
        say("            next attempt {}, or now with mastobak upload\n",
            to_local_text(*remote.next_attempt));
}

// A user who cannot read the configuration of rclone gets no warning about it.
void print_plain(const config::Config& config) {
    for (const auto& entry : config.offsite) {
        try {
            if (const auto warning = offsite::plain_warning(entry, {}))
                say("warning     {}\n", *warning);
        } catch (const Error&) {
            // check-config reports problems of rclone.
        }
    }
}

void print_retention(const backup::PruneReport& report, Timestamp now) {
    auto text = !report.error.empty()       ? "FAILED: " + report.error
                : !report.waits_for.empty() ? "waits for " + report.waits_for
                : !report.refusal.empty()
                    ? "keeps everything: " + report.refusal
                    : fmt::format("{} kept, {} removed, {} freed",
                                  counted(report.decisions.size() - report.sets_gone(), "set"),
                                  report.sets_gone(), to_string(report.freed));
    say("retention   {}: {} ({} ago)\n", report.place(), text, to_text(now - report.at));
    for (const auto& warning : report.warnings) say("            {}\n", warning);
}

void print_scrub(const scrub::Summary& summary, Timestamp now) {
    auto text =
        fmt::format("{} of {} read in time", to_string(summary.read), to_string(summary.bytes));
    if (summary.oldest_read)
        text +=
            fmt::format(", the oldest {} ago, the newest {} ago",
                        to_text(now - *summary.oldest_read), to_text(now - *summary.newest_read));
    say("read again  {}: {}\n", scrub::title_of(summary.place), text);
    if (!summary.problem.empty()) say("            failed: {}\n", summary.problem);
    for (const auto& [object, damage] : summary.damaged)
        say("            DAMAGED: {}\n", damage_text(object, damage));
    if (summary.damaged_count > summary.damaged.size())
        say("            and {} more\n", summary.damaged_count - summary.damaged.size());
}

/// Returns whether this user may not read what mastobak has recorded, and so knows of no set.
bool is_hidden(const config::Config& config) {
    return ::access(config.state_directory.c_str(), R_OK | X_OK) != 0 && errno == EACCES;
}

/// \param no_remote whether it is known that no remote is configured
void print(const State& state, const Health& health, bool no_remote, Timestamp now) {
    say("health      {}\n", health.reasons.empty() ? "healthy" : "UNHEALTHY");
    for (const auto& reason : health.reasons) say("            {}\n", reason);
    if (state.running)
        say("running     {}: {}; mastobak run --follow follows it\n", state.running->id,
            step_text(*state.running));
    if (state.drilling) say("drilling    {}: {}\n", state.drilling->id, step_text(*state.drilling));
    if (const auto& last = state.history.last_run)
        say("last run    {} ({} ago): {}\n", last->id, to_text(now - last->started_at),
            last->ok()            ? "success"
            : last->error.empty() ? "not finished"
                                  : last->error);
    if (const auto& good = state.history.last_success)
        say("last set    {}: {} new, {}, {}{}\n", good->set.value_or("?"), to_string(good->size),
            downtime_text(*good), counted(good->warnings.size(), "warning"),
            good->acknowledged > 0 ? fmt::format(", {} acknowledged", good->acknowledged) : "");
    if (const auto& good = state.history.last_success; good && good->dump)
        say("            {}\n", *good->dump);
    if (const auto& drill = state.drills.last)
        say("last drill  {} ({} ago): {}\n", drill->id, to_text(now - drill->report.started_at),
            text_of(*drill));
    if (state.drills.last && !state.drills.last->proven() && state.drills.last_proven)
        say("            before that, {}\n", text_of(*state.drills.last_proven));
    if (state.next_run) say("next run    {}\n", to_local_text(*state.next_run));
    if (state.storage) {
        const auto* label = "staging";
        for (const auto& line : storage_lines(*state.storage))
            say("{:<11} {}\n", std::exchange(label, ""), line);
    }
    if (no_remote) say("off-site    no remote is configured\n");
    for (const auto& remote : state.offsite) print_offsite(remote, now);
    for (const auto& report : state.pruned) print_retention(report, now);
    if (state.scrubbing)
        say("scrubbing   {}: {}\n", state.scrubbing->id, step_text(*state.scrubbing));
    for (const auto& summary : state.scrubs) print_scrub(summary, now);
    if (!state.signing_key.empty())
        say("signing key {} (its public half: keep a copy elsewhere)\n", state.signing_key);
}

/// What is known of one instance.
struct Status {
    State state;
    Health health;
    config::Config config;
    bool no_remote = false;  ///< it is known that no remote is configured
};

Status status_of(const Options& options, Timestamp now) {
    Status status;
    std::string no_daemon;
    const auto daemon = ask_daemon(options, no_daemon);
    // Also without a configuration: a monitoring system needs to know whether the daemon runs.
    auto loaded = config::load(options.config, options.instance);
    const bool valid = loaded.problems.empty();
    status.config = valid ? std::move(loaded.config) : config::Config(options.instance);
    const auto& config = status.config;
    status.state = daemon ? *daemon : InProcess(options).state();
    auto& health = status.health;
    health = judge(status.state, newest_set(config, status.state), config, now);
    if (!daemon && is_hidden(config))
        health.reasons = {
            fmt::format("this user may not read what mastobak has recorded; hint: sudo {} status",
                        options.instance.command())};
    if (!valid) {
        health.verdict = Health::Verdict::failed;
        health.reasons.insert(health.reasons.begin(),
                              fmt::format("the configuration cannot be used: {}",
                                          loaded.problems.front().to_string()));
    }
    if (!daemon) {
        health.verdict = Health::Verdict::no_daemon;
        health.reasons.insert(health.reasons.begin(), no_daemon);
    }
    // Without the daemon, the state has no remotes.
    status.no_remote = daemon ? status.state.offsite.empty() : valid && config.offsite.empty();
    return status;
}

Json json_of(const Status& status) {
    auto object = to_json(status.state);
    object["health"] = to_json(status.health);
    return object;
}

void print(const Status& status, Timestamp now) {
    print(status.state, status.health, status.no_remote, now);
    print_plain(status.config);
}

/// The order in which verdicts count for several instances.
int rank(Health::Verdict verdict) {
    using enum Health::Verdict;
    return verdict == no_daemon ? 3 : verdict == failed ? 2 : verdict == stale ? 1 : 0;
}

int status_of_all(const Options& options, Timestamp now) {
    auto worst = Health::Verdict::healthy;
    auto array = Json::array();
    const auto instances = configured_instances();
    if (instances.empty())
        throw Error(Errc::config, "no instance on this host has a configuration",
                    "sudo mastobak setup");
    for (const auto& instance : instances) {
        auto own = options;
        own.instance = instance;
        own.config = instance.configuration();
        const auto status = status_of(own, now);
        if (rank(status.health.verdict) > rank(worst)) worst = status.health.verdict;
        if (options.json) {
            array.push_back({{"instance", instance.name()}, {"status", json_of(status)}});
            continue;
        }
        if (&instance != &instances.front()) say("\n");
        say("{}\n", instance.daemon());
        print(status, now);
    }
    if (options.json) say_json(Json{{"instances", std::move(array)}});
    return static_cast<int>(worst);
}

struct StatusRequest {
    bool all = false;
};

void add_status_options(CLI::App& app, Options&, StatusRequest& request) {
    app.add_flag("--all", request.all, "show all instances of this host");
}

int command_status(const Options& options, const StatusRequest& request) {
    const auto now = SystemClock().now();
    if (request.all) {
        if (options.config_given || options.instance.has_name())
            throw Error(Errc::usage,
                        "--all is for all instances, and takes no --config and no "
                        "--instance");
        return status_of_all(options, now);
    }
    const auto status = status_of(options, now);
    if (options.json)
        say_json(json_of(status));
    else
        print(status, now);
    return static_cast<int>(status.health.verdict);
}

const Subcommand status_command(30, "status", "show whether all is well", add_status_options,
                                command_status,
                                {.json = true, .example = "mastobak status --json | jq .health"});

}  // namespace
}  // namespace mastobak::daemon
