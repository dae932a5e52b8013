// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "backup/plan.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "daemon/backups/with_systemd.hpp"
#include "daemon/cli/confirm.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/stop_on_signal.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/records/drill_record.hpp"
#include "daemon/restores/restore_options.hpp"
#include "daemon/restores/restore_output.hpp"
#include "daemon/restores/restore_plan.hpp"
#include "mastodon/blank_remote.hpp"

namespace mastobak::daemon {
namespace {

/// Refuses a configuration that other users than root can write, because it names units to stop and
/// files to write.
void require_own_configuration(const std::filesystem::path& file) {
    struct stat status {};
    if (::geteuid() != 0 || ::stat(file.c_str(), &status) != 0) return;
    const bool others_write =
        (status.st_mode & 002) != 0 || ((status.st_mode & 020) != 0 && status.st_gid != 0);
    if (status.st_uid == 0 && !others_write) return;
    throw Error(Errc::config, fmt::format("'{}' can be changed by others than root", file.native()),
                fmt::format("root restores by what it says: chown root:root {0} && chmod go-w {0}",
                            shell_word(file.native())));
}

/// Asks for confirmation: before a restore of everything that stops units or replaces a database,
/// and before any restore in place. Without a terminal, these need --yes.
void ask(const RestoreRequest& request, const RestorePlan& plan, const RestoreHost& host,
         const std::string& set, const std::stop_token& stop) {
    if (request.yes) return;
    const bool all = is_everything(request);
    const bool stops = plan.live && !host.active_units.empty();
    if (!request.in_place && !(all && (stops || request.replace))) return;
    std::vector<std::string> effects;
    if (stops) effects.push_back("stops Mastodon");
    if (request.replace) effects.push_back("replaces the existing database");
    if (request.in_place)
        effects.push_back("writes " + counted(plan.in_place.size(), "file") + " in place");
    if (!can_ask())
        throw Error(
            Errc::usage,
            fmt::format("this restore asks before it {}, and there is no terminal to ask on",
                        fmt::join(effects, " and ")),
            "--yes does it without a question; --plan says what it would do");
    for (const auto& path : plan.in_place) say_error("in place: '{}'\n", path);
    for (const auto& path : plan.beside)
        say_error("not in place, as it is not Mastodon's: '{}'\n", path);
    const auto question =
        fmt::format("Restore set '{}', which {}?", readable(set), fmt::join(effects, " and "));
    if (!confirmed(question, stop)) throw Error(Errc::cancelled, "nothing was restored");
}

/// Does the work; stops Mastodon meanwhile if it uses the target.
void do_safely(const RestorePlan& plan, const config::Config& config, const RestoreHost& host,
               const std::function<void()>& work) {
    if (!plan.live) return work();
    // Orphaned units of a killed process have to be started again, even if no unit is active now.
    if (host.active_units.empty() &&
        !units::has_leftovers(backup::record_of(config), backup::stop_options(config))) {
        const auto lock = backup::lock_units(config);  // no run begins meanwhile
        return work();
    }
    with_units_stopped(config, work, [](const std::string& text) { say_error("{}\n", text); });
}

/// Asks before a set of unknown origin is restored: it may have a database, secrets and a
/// configuration of an attacker.
void confirm_foreign(const RestoreRequest& request, const ChosenSet& set) {
    if (set.foreign().empty() || request.plan || request.unsigned_too) return;
    const auto refusal = Error(Errc::denied,
                               fmt::format("set '{}' is not known to be of this host: {}",
                                           set.manifest().set, set.foreign()),
                               "--public-key KEY checks it with the key that you kept; --unsigned "
                               "restores it all the same");
    if (::isatty(STDIN_FILENO) == 0) throw refusal;
    say_error("Restore it all the same? Type yes: ");
    std::string answer;
    for (int c = std::getchar(); c != EOF && c != '\n' && answer.size() < 8; c = std::getchar())
        answer += static_cast<char>(c);
    if (answer != "yes") throw refusal;
}

/// Adds the estimated time, if the last drill has measured all rates that this restore needs.
void add_time(ChosenSet& set, const RestorePlan& plan, const std::filesystem::path& state_directory,
              RestoreCost& cost) {
    const auto drill = read_drills(state_directory).last_made;
    if (!drill) return;
    const auto& rates = drill->report.rates;
    restore::RestoreAmounts amounts;
    if (plan.options.database) amounts.dump = set.manifest().database.dump_uncompressed;
    amounts.files = cost.fetch.media_files;
    amounts.media = cost.fetch.media_room;
    if (set.source().is_far()) {
        amounts.fetched = cost.fetch.total();
        constexpr std::uint64_t usual_request = std::uint64_t{16} << 20;
        amounts.requests = 1 + cost.fetch.total().count / usual_request;
    }
    const bool known = (amounts.dump.count == 0 || rates.dump_byte > 0) &&
                       (amounts.files == 0 || rates.file > 0) &&
                       (amounts.fetched.count == 0 || rates.request + rates.fetched_byte > 0);
    if (!known) return;
    cost.time = restore::estimate(rates, amounts);
    cost.measured_at = drill->report.started_at;
}

RestoreCost cost_of(ChosenSet& set, const RestorePlan& plan, const config::Config& config,
                    const std::stop_token& stop) {
    RestoreCost cost;
    cost.fetch = restore::plan_fetch(set.source(), set.manifest(), plan.options, stop);
    cost.rooms = restore::rooms_for(set.source(), set.manifest(), plan.options, cost.fetch, stop);
    add_time(set, plan, config.state_directory, cost);
    return cost;
}

/// Returns the problems that would make the restore fail, before any unit is stopped.
std::vector<Error> problems_of(const ChosenSet& set, const RestorePlan& plan,
                               const RestoreCost& cost, const std::stop_token& stop) {
    std::vector<Error> problems;
    const auto look = [&problems](const std::function<void()>& work) {
        try {
            work();
        } catch (const Error& error) {
            if (error.code() == Errc::cancelled) throw;
            problems.push_back(error);
        }
    };
    look([&] { restore::require(cost.rooms); });
    if (::geteuid() == 0) look([&] { restore::check_target(set.manifest(), plan.options, stop); });
    return problems;
}

/// Prints the plan and then the problems; with --json, one document.
int tell_plan(const RestorePlan& plan, const RestoreHost& host, ChosenSet& set,
              const RestoreCost& cost, const std::vector<Error>& problems, const Options& options) {
    print_plan(plan, host, set, cost, problems, options.json);
    auto text_alone = options;
    text_alone.json = false;
    for (const auto& problem : problems) print_error(text_alone, problem);
    return problems.empty() ? 0 : exit_status(problems.front().code());
}

/// Returns the commands that an admin has to run after the restore, and where.
Remaining what_remains(const config::Config& config, const RestorePlan& plan,
                       const restore::SetReport& report) {
    // tootctl works only on the database that Mastodon uses.
    if (!report.database || !plan.database_in_use) return {};
    const auto& compose = config.mastodon.compose;
    const auto commands = [&plan](const std::string& bin) {
        return mastodon::commands_after_restore(plan.repair, plan.lacks_remote_media, bin);
    };
    if (!compose.used())
        return {"in Mastodon's directory and as its user", commands("RAILS_ENV=production bin/")};
    // What names several services does not say which of them: "web" is the name in Mastodon's file.
    const auto& web = compose.web;
    const bool is_name = web.size() == 1 && web[0].find_first_of("*?[") == std::string::npos;
    return {"in the directory of docker-compose.yml",
            commands(fmt::format("docker compose run --rm {} bin/", is_name ? web[0] : "web"))};
}

int command_restore(const Options& options, const RestoreRequest& request) {
    refuse_contradictions(request);
    if (!request.plan && ::geteuid() != 0)
        throw Error(Errc::denied, "only root can restore", "sudo mastobak restore; or --plan");
    // Mastodon and nginx need to traverse the new directories, whatever the umask is.
    ::umask(022);
    const StopOnSignal signals;
    if (!request.plan) require_own_configuration(options.config);
    const auto config = config_for(options, request.from);
    ChosenSet set(options, request.from, request.set, signals.token(), request.before);
    confirm_foreign(request, set);
    const auto host = look_at_host(config);
    auto plan = plan_restore(request, config, host, set, signals.token());
    const auto cost = cost_of(set, plan, config, signals.token());
    // Problems are reported, and the dump is fetched for hours, before any unit is stopped.
    const auto problems = problems_of(set, plan, cost, signals.token());
    if (request.plan) return tell_plan(plan, host, set, cost, problems, options);
    if (!problems.empty()) throw problems.front();
    ask(request, plan, host, set.manifest().set, signals.token());
    restore::SetReport report;
    {
        RestoreLine line(!options.json && ::isatty(STDERR_FILENO) == 1);
        const auto show = [&line](const restore::SetProgress& now) { line.show(now); };
        restore::prepare_dump(set.source(), set.manifest(), plan.options, show, signals.token());
        do_safely(plan, config, host, [&] {
            report = restore::restore_set(set.source(), set.manifest(), plan.options, show,
                                          signals.token());
        });
    }
    compare_settings(report, host, plan);
    print_report(plan, report, set.manifest().set, what_remains(config, plan, report),
                 options.json);
    return report.problems() == 0 ? 0 : exit_status(Errc::corrupt);
}

const Subcommand restore_command(140, "restore",
                                 "restore a set: database, media, configuration, or all",
                                 add_options, command_restore,
                                 {.json = true, .example = "mastobak restore --plan"});

}  // namespace
}  // namespace mastobak::daemon
