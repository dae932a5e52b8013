// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/commands/host/check_config.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>

#include "backup/plan.hpp"
#include "config/load.hpp"
#include "core/error.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/backups/with_systemd.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/cli/unit_sandbox.hpp"
#include "daemon/privileges.hpp"
#include "daemon/setup/recovery.hpp"
#include "notify/deliver.hpp"
#include "offsite/history.hpp"
#include "offsite/remote.hpp"
#include "offsite/remotes/make_remote.hpp"

namespace mastobak::daemon {
namespace {

/// The result of one check: its subject, and a text about it or an error.
struct Finding {
    std::string what;
    std::string text;
    std::optional<Error> error{};
};

/// How long to wait for the answer of a remote, as preflight does.
constexpr std::chrono::seconds remote_patience{60};

/// Returns a warning for each file with credentials of a remote or a target of notifications that
/// users other than its owner can read, with the command that fixes the permissions. Members of the
/// group mastobak may control the daemon, but must not get its credentials.
std::vector<std::string> exposed_credentials(const config::Config& config) {
    std::set<std::filesystem::path> files{config.database.passfile};
    for (const auto& remote : config.offsite)
        files.insert({remote.rclone_config, remote.identity_file});
    for (const auto& target : config.notify) {
        files.insert(target.url_file);
        // The URL, or the password of the proxy.
        if (target.url || target.proxy) files.insert(config.source);
    }
    std::vector<std::string> warnings;
    for (const auto& file : files) {
        struct stat status {};
        if (file.empty() || ::stat(file.c_str(), &status) != 0 || (status.st_mode & 077) == 0)
            continue;
        const auto name = readable(file.native());
        warnings.push_back(
            fmt::format("other users than the daemon's can read the credentials in '{0}'; "
                        "hint: chown mastobak: {1} && chmod 0600 {1}",
                        name, shell_word(file.native())));
    }
    return warnings;
}

/// Returns the hooks that are configured, with their names.
std::vector<std::pair<std::string, config::Hook>> hooks_of(const config::Config& config) {
    const auto& hooks = config.hooks;
    std::vector<std::pair<std::string, config::Hook>> all{{"before_run", hooks.before_run},
                                                          {"after_run", hooks.after_run},
                                                          {"after_failure", hooks.after_failure},
                                                          {"before_freeze", hooks.before_freeze},
                                                          {"after_freeze", hooks.after_freeze}};
    std::erase_if(all, [](const auto& entry) { return entry.second.command.empty(); });
    return all;
}

/// Checks a target without sending. The arguments of programs may be secrets, so none is shown.
void check_target(std::vector<Finding>& findings, const notify::NotifyTarget& target) {
    notify::check(target);
    std::string events;
    for (const auto event : target.on)
        events += (events.empty() ? "" : ", ") + std::string(notify::to_string(event));
    findings.push_back({"notify", fmt::format("'{}' ({}) is notified of: {}", target.name,
                                              notify::to_string(target.type), events)});
}

void check_hook(std::vector<Finding>& findings, const std::string& name, const config::Hook& hook) {
    const auto& program = hook.command.front();
    if (::access(program.c_str(), X_OK) != 0)
        throw errno_error(Errc::environment, fmt::format("execute '{}' of hooks.{}", program, name),
                          errno);
    findings.push_back({"hook", fmt::format("{}: {}", name, program)});
}

/// Checks the sandbox of the daemon's unit, because this process does not run in it.
void look_at_sandbox(std::vector<Finding>& findings, const config::Config& config) {
    const auto sandbox = with_systemd(config.instance, [&](units::UnitControl& control) {
        return sandbox_of(control, config.instance.unit());
    });
    if (!sandbox) return;
    const auto before = findings.size();
    const auto add = [&](std::optional<Error> error) {
        if (error) findings.push_back({"sandbox", {}, std::move(error)});
    };
    add(writing_forbidden(*sandbox, "the state directory", config.state_directory,
                          Errc::environment));
    add(writing_forbidden(*sandbox, "the staging directory", config.staging.path, Errc::staging));
    for (const auto& entry : config.offsite)
        if (entry.type == config::RemoteType::directory)
            add(writing_forbidden(*sandbox, fmt::format("the remote '{}' at", entry.name),
                                  entry.target, Errc::offsite));
    if (const auto directory = config.metrics.textfile.parent_path(); !directory.empty())
        add(writing_forbidden(*sandbox, "the directory of metrics.textfile,", directory,
                              Errc::environment));
    if (!config.media.path.empty())
        add(reading_forbidden(*sandbox, "the media directory", config.media.path, Errc::media));
    add(reading_forbidden(*sandbox, "Mastodon's directory", config.mastodon.directory,
                          Errc::environment));
    for (const auto& file : config.files.extra)
        add(reading_forbidden(*sandbox, "what files.extra names,", file, Errc::environment));
    for (const auto& target : config.notify)
        if (const auto program = notify::program_of(target); !program.empty())
            add(executing_forbidden(
                *sandbox, fmt::format("the program of the target '{}',", target.name), program));
    for (const auto& [name, hook] : hooks_of(config))
        add(executing_forbidden(*sandbox, fmt::format("the program of hooks.{},", name),
                                hook.command.front()));
    if (findings.size() == before)
        findings.push_back({"sandbox", fmt::format("{} lets the daemon write where it has to",
                                                   config.instance.unit())});
}

/// Checks that the daemon can write metrics.textfile: otherwise the admin would notice only when
/// the monitoring is needed. This process already has the identity of the daemon's user.
void check_metrics(std::vector<Finding>& findings, const config::Config& config) {
    const auto& file = config.metrics.textfile;
    if (file.empty()) return;
    const auto directory = file.parent_path();
    if (::faccessat(AT_FDCWD, directory.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
        // "Permission denied" would look like a permission that the user of this command lacks.
        const auto why = errno == EACCES ? std::string("its user may not write there")
                                         : std::generic_category().message(errno);
        throw Error(
            Errc::environment,
            fmt::format("the daemon cannot write metrics into '{}': {}", directory.native(), why),
            fmt::format("setfacl -m u:mastobak:rwx {}; node_exporter reads that directory "
                        "by --collector.textfile.directory",
                        shell_word(directory.native())));
    }
    findings.push_back({"metrics", file.native()});
}

void check_remote(const config::Remote& entry, const config::Config& config) {
    std::stop_source stop;
    std::mutex mutex;
    std::condition_variable_any ended;
    const std::jthread watch([&](std::stop_token checked) {
        std::unique_lock lock(mutex);
        ended.wait_for(lock, checked, remote_patience, [] { return false; });
        if (!checked.stop_requested()) stop.request_stop();
    });
    try {
        offsite::make_remote(entry, offsite::scratch_directory(config.state_directory))
            ->check(stop.get_token());
    } catch (const Error& error) {
        if (error.code() != Errc::cancelled) throw;
        throw Error(Errc::offsite,
                    fmt::format("the remote '{}' did not answer within {}", entry.name,
                                to_text(remote_patience)),
                    "are its server and the network up?");
    }
}

void check_recovery(std::vector<Finding>& findings, const config::Config& config) {
    if (config.recovery.age_key.empty()) return;
    const auto why = why_outdated(config, recovery_files(config));
    if (why.empty())
        findings.push_back(
            {"recovery", fmt::format("{} is up to date", recovery_file(config).native())});
    else
        findings.push_back(
            {"warning", fmt::format("the recovery file {}; hint: sudo mastobak setup, then "
                                    "keep a copy of it away from this host",
                                    why)});
}

void add_plan(std::vector<Finding>& findings, const backup::Plan& plan) {
    std::string names;
    for (const auto& unit : plan.units)
        names += fmt::format("{}{} ({})", names.empty() ? "" : ", ", unit.name, unit.active_state);
    findings.push_back({"mastodon", plan.instance.directory.native()});
    // With consistency: live, no units are stopped, so there may be none.
    if (!names.empty()) findings.push_back({"units", names});
    findings.push_back(
        {"database", fmt::format("{}: {}, PostgreSQL {}, schema {}", plan.database.to_string(),
                                 to_string(plan.facts.size), plan.facts.server_version_text,
                                 plan.facts.schema_version)});
    const auto& tools = plan.tools;
    findings.push_back(
        {"pg_dump",
         fmt::format("{} ({})", tools.place.empty() ? tools.pg_dump.native() : "in " + tools.place,
                     tools.version)});
    findings.push_back({"media", plan.media_root.empty() ? "elsewhere" : plan.media_root.native()});
    findings.push_back(
        {"files", counted(plan.files.size(), "file or directory", "files and directories")});
    for (const auto& warning : plan.warnings) findings.push_back({"warning", warning});
    for (const auto& note : plan.notes) findings.push_back({"note", note});
}

template <typename Work>
void look(std::vector<Finding>& findings, const std::string& what, Work work) {
    try {
        work();
    } catch (const std::exception&) {
        findings.push_back({what, {}, as_error(std::current_exception())});
    }
}

std::vector<Finding> look_at_everything(const config::Config& config) {
    std::vector<Finding> findings;
    findings.push_back({"config", config.source.native()});
    if (struct stat state{};
        ::stat(config.state_directory.c_str(), &state) == 0 && state.st_uid != ::geteuid())
        findings.push_back({"note",
                            "this user may see less than the daemon: sudo mastobak check-config "
                            "shows what the daemon finds"});
    for (auto& warning : exposed_credentials(config))
        findings.push_back({"warning", std::move(warning)});
    look(findings, "host", [&] { add_plan(findings, plan_of_host(config)); });
    look(findings, "sandbox", [&] { look_at_sandbox(findings, config); });
    look(findings, "metrics", [&] { check_metrics(findings, config); });
    for (const auto& target : config.notify)
        look(findings, "notify '" + target.name + "'", [&] { check_target(findings, target); });
    for (const auto& entry : hooks_of(config))
        look(findings, "hooks." + entry.first,
             [&] { check_hook(findings, entry.first, entry.second); });
    for (const auto& entry : config.offsite)
        look(findings, "off-site '" + entry.name + "'", [&] {
            check_remote(entry, config);
            findings.push_back({"off-site", fmt::format("'{}' can be reached", entry.name)});
            if (const auto warning = offsite::plain_warning(entry, {}))
                findings.push_back({"warning", *warning});
        });
    look(findings, "recovery", [&] { check_recovery(findings, config); });
    return findings;
}

Json json_of(const config::Problem& problem) {
    return {{"file", problem.file.native()},
            {"line", problem.line},
            {"message", problem.text},
            {"hint", problem.hint}};
}

int print(const Options& options, const std::vector<Finding>& findings) {
    int status = 0;
    auto array = Json::array();
    for (const auto& finding : findings) {
        if (finding.error && status == 0) status = exit_status(finding.error->code());
        const auto text = finding.error ? std::string("ERROR: ") + for_reader(*finding.error).what()
                                        : finding.text;
        array.push_back({{"what", finding.what}, {"ok", !finding.error}, {"text", text}});
        if (!options.json) say("{:<12} {}\n", finding.what, text);
    }
    if (options.json) say_json(Json{{"ok", status == 0}, {"findings", array}});
    return status;
}

}  // namespace

int command_check_config(const Options& options) {
    const auto loaded = config::load(options.config, options.instance);
    if (!loaded.problems.empty()) {
        auto array = Json::array();
        for (const auto& problem : loaded.problems) array.push_back(json_of(problem));
        if (options.json) say_json(Json{{"ok", false}, {"problems", array}});
        for (const auto& problem : loaded.problems) say_error("{}\n", problem.to_string());
        return exit_status(Errc::config);
    }
    // As the daemon's user, because root can read everything, which proves nothing.
    become_owner_of(loaded.config.state_directory);
    return print(options, look_at_everything(loaded.config));
}

const Subcommand check_config_command(170, "check-config",
                                      "check the configuration, and whether a backup could be made",
                                      command_check_config,
                                      {.json = true,
                                       .example = "mastobak check-config --config /tmp/new.yaml"});

}  // namespace mastobak::daemon
