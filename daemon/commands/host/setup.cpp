// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/process/accounts.hpp"
#include "core/process/privilege.hpp"
#include "core/process/process.hpp"
#include "daemon/cli/confirm.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/commands/host/check_config.hpp"
#include "daemon/scratch_directory.hpp"
#include "daemon/setup/answers.hpp"
#include "daemon/setup/compose_configuration.hpp"
#include "daemon/setup/database_role.hpp"
#include "daemon/setup/encrypted_remotes.hpp"
#include "daemon/setup/new_configuration.hpp"
#include "daemon/setup/recovery.hpp"
#include "offsite/remotes/make_remote.hpp"
#include "store/formats/signature.hpp"

namespace mastobak::daemon {
namespace {

namespace fs = std::filesystem;

/// Makes the pair of keys that signs the sets, as the user that signs with it.
void make_signing_keys(const config::Config& config) {
    signify::PublicKey half;
    run_as_user("mastobak", [&] {
        const store::Staging staging(config.staging.path);
        half = store::make_keys(config.state_directory, staging).own->half;
    });
    say("signing key  {}\n"
        "public key   {} (keep a copy of it elsewhere)\n",
        store::secret_key_file(config.state_directory).native(), to_line(half));
}

constexpr auto user_name = "mastobak";

void make_directory_of_user(const fs::path& directory, const Account& user) {
    make_directories(directory, 0700, Errc::environment);
    if (::chown(directory.c_str(), user.user, user.group) != 0)
        throw errno_error(Errc::environment,
                          fmt::format("give '{}' to '{}'", directory.native(), user.name), errno);
}

struct SetupRequest {
    bool force = false;  ///< replace an existing configuration
    bool yes = false;    ///< ask nothing
    bool run = false;    ///< start the daemon, and make the first backup
    WantedMastodon mastodon{};
    SetupAnswers answers{};
};

void add_setup_options(CLI::App& app, Options&, SetupRequest& request) {
    app.add_flag("--force", request.force,
                 "replace an existing configuration; the old one is kept");
    app.add_option("--directory", request.mastodon.directory,
                   "Mastodon's directory, where setup does not find it")
        ->type_name("DIR");
    app.add_option("--compose", request.mastodon.compose,
                   "the docker-compose.yml of a Mastodon in containers, or its directory")
        ->type_name("FILE");
    app.add_option("--project", request.mastodon.project,
                   "the project of Docker Compose that has Mastodon")
        ->type_name("NAME");
    app.add_option("--remote", request.answers.remotes,
                   "copy the sets there: rclone:REMOTE:PATH, rsync:USER@HOST:/PATH, or a directory")
        ->type_name("PLACE")
        ->take_all();
    app.add_option("--notify-healthchecks", request.answers.healthchecks,
                   "report each run to this check of healthchecks.io, or of a server of its kind")
        ->type_name("URL")
        ->take_all();
    app.add_option("--notify-ping", request.answers.pings,
                   "request this URL after each run, as Uptime Kuma expects it")
        ->type_name("URL")
        ->take_all();
    app.add_option("--notify-mail", request.answers.mails,
                   "send mail to this address when a person is needed")
        ->type_name("ADDRESS")
        ->take_all();
    app.add_option("--at", request.answers.at, "local time of the nightly run, such as 03:00")
        ->type_name("HH:MM");
    // CLI11 2.1 would set an optional<bool> to false when the flag is not given.
    app.add_flag_function(
        "--encrypt,!--no-encrypt",
        [&request](std::int64_t count) { request.answers.encrypt = count > 0; },
        "put a crypt remote of rclone in front of new places of rclone, or do not ask for it");
    app.add_option("--age-key", request.answers.age_key,
                   "encrypt the recovery file to this public key of age, or to those in a file")
        ->type_name("KEY");
    app.add_flag("--run", request.run, "start the daemon, and make the first backup");
    app.add_flag("--yes", request.yes, "do not ask");
}

/// Asks for what no option has said.
void ask_for(SetupAnswers& answers) {
    say("\nA few questions; an empty answer skips one. All of this can be changed later.\n\n");
    while (answers.remotes.empty()) {
        auto remote = answer_to(
            "Where do copies go, off this host? (rclone:REMOTE:PATH, "
            "rsync:USER@HOST:/PATH, or a directory)");
        if (remote.empty()) break;
        try {
            static_cast<void>(remote_of(remote, {}));
            answers.remotes.push_back(std::move(remote));
        } catch (const Error& error) {
            say_error("{}\n", error.what());
        }
    }
    if (answers.healthchecks.empty())
        if (auto url = answer_to("Which check of healthchecks.io, or of a server of its kind, "
                                 "notices when no backup is made? (URL)");
            !url.empty())
            answers.healthchecks.push_back(std::move(url));
    if (answers.mails.empty())
        if (auto mail = answer_to("Which address gets mail when a person is needed?");
            !mail.empty())
            answers.mails.push_back(std::move(mail));
    if (answers.at.empty()) answers.at = answer_to("When does the nightly run begin? (03:00)");
    say("\n");
}

/// Leaves out the URLs that a target of the configuration has already.
void leave_out_known_urls(SetupAnswers& answers, const config::Config& config) {
    constexpr Bytes limit{4096};
    for (const auto& target : config.notify) {
        std::string url;
        if (target.url) url = target.url->secret();
        if (std::error_code ignored; fs::exists(target.url_file, ignored))
            url = lines_of(read_file(target.url_file, Errc::config, limit) + "\n").front();
        std::erase(answers.healthchecks, url);
        std::erase(answers.pings, url);
    }
}

/// Writes a file to each new remote and reads its list, as the daemon's user.
/// \param candidate the new rclone.conf; empty when it does not change
void try_remotes(const std::vector<config::Remote>& remotes, const fs::path& candidate,
                 bool may_ask) {
    for (auto remote : remotes) {
        if (!candidate.empty()) remote.rclone_config = candidate;
        std::optional<Error> failed;
        run_as_user(user_name, [&] {
            try {
                const ScratchDirectory scratch;
                offsite::make_remote(remote, scratch.path())->check({});
            } catch (const Error& error) {
                failed = error;
            }
        });
        if (!failed) {
            say("remote       '{}' takes files\n", remote.name);
            continue;
        }
        if (!may_ask || !confirmed(fmt::format("{}. Write it into the configuration all the same?",
                                               failed->what()),
                                   {}))
            throw Error(*failed);
    }
}

/// Shows what becomes of the configuration, and asks.
/// \param before empty: there is none
void show_change(const fs::path& file, const std::string& before, const std::string& after,
                 const RcloneChange& rclone, const PolkitRule& rule, bool may_ask) {
    if (!rule.text.empty()) {
        say("\n{} gets\n\n", rule.file.native());
        for (const auto& line : lines_of(rule.text)) say("  {}\n", line);
    }
    if (!rclone.added.empty()) {
        say("\n{} gets\n\n", rclone.file.native());
        for (const auto& line : lines_of(rclone.shown)) say("  {}\n", line);
    }
    if (before == after) return say("{} stays unchanged\n", file.native());
    if (before.empty()) {
        say("\n");
        for (const auto& line : lines_of(after)) say("  {}\n", line);
        say("\n");
    } else {
        const ScratchDirectory scratch;
        const auto changed = scratch.path() / "new";
        write_file(changed, after, 0600, Errc::environment);
        const auto compared =
            run({.argv = {"diff", "-u", "--label", file.native(), "--label",
                          file.native() + " (new)", file.native(), changed.native()}});
        say("\n");
        for (const auto& line : lines_of(compared.output)) say("  {}\n", line);
        say("\n");
    }
    if (may_ask && !confirmed(fmt::format("Write {}?", file.native()), {}))
        throw Error(Errc::cancelled, "nothing was written");
}

/// Keeps an existing configuration under another name.
void keep_old(const fs::path& file) {
    if (!fs::exists(file)) return;
    auto kept = file;
    kept += ".old";
    for (int n = 2; fs::exists(kept); ++n) kept = fmt::format("{}.old.{}", file.native(), n);
    fs::copy_file(file, kept);
    say("kept         the old configuration as {}\n", kept.native());
}

void write_secrets(const std::vector<SecretFile>& files, const Account& user) {
    for (const auto& [path, contents] : files) {
        write_file(path, contents, 0600, Errc::config);
        // The directory of another configuration may belong to a user who puts a link in its place.
        if (::lchown(path.c_str(), user.user, user.group) != 0)
            throw errno_error(Errc::environment,
                              fmt::format("give '{}' to '{}'", path.native(), user.name), errno);
        say("wrote        {}\n", path.native());
    }
}

/// Returns the beginning of a command line of this program, with the same configuration.
std::vector<std::string> own_command(const Options& options) {
    std::vector<std::string> argv{"/proc/self/exe", "--config", options.config.native()};
    if (options.instance.has_name())
        for (const auto& word : {std::string("--instance"), options.instance.name()})
            argv.push_back(word);
    return argv;
}

/// Runs a command of this program in a process of its own, because it becomes the daemon's user.
/// \return its exit status
int run_in_child(const Options& options, const std::string& name) {
    auto argv = own_command(options);
    argv.push_back(name);
    const auto finished = run({.argv = std::move(argv)});
    say("\n");
    write_out(finished.output);
    write_error(finished.error_tail);
    return finished.ok() ? 0 : finished.exit_status;
}

/// Starts the daemon, and replaces this process by `mastobak run`.
[[noreturn]] void start_and_run(const Options& options) {
    const auto started = run({.argv = {"systemctl", "enable", "--now", options.instance.daemon()}});
    if (!started.ok())
        throw Error(Errc::environment,
                    fmt::format("cannot start {}: {}", options.instance.daemon(), started.reason()),
                    "systemctl status " + options.instance.daemon());
    say("The daemon runs. The first backup begins.\n");
    std::fflush(stdout);  // the new program does not know what is not written yet
    auto words = own_command(options);
    words.emplace_back("run");
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::execv("/proc/self/exe", argv.data());
    throw errno_error(Errc::environment, "start 'mastobak run'", errno);
}

/// Prepares the helper, where the configuration names containers.
void prepare_containers(const config::Config& config, const Options& options) {
    if (!config.mastodon.compose.used()) return;
    check_helper_may_read(options.config, options.instance);
    start_helper(config);
}

int command_setup(const Options& options, const SetupRequest& request) {
    if (::geteuid() != 0) throw Error(Errc::denied, "only root can set up", "sudo mastobak setup");
    // The daemon's user has to read the new files, whatever the umask of root's shell is.
    ::umask(022);
    const auto user = account_named(user_name);
    if (!user)
        throw Error(Errc::environment, fmt::format("there is no user '{}'", user_name),
                    "install mastobak with packaging/install or the Debian package");
    const bool exists = fs::exists(options.config);
    if (exists && !request.force && !request.mastodon.empty())
        throw Error(
            Errc::usage,
            fmt::format(
                "'{}' already exists, and {} would be ignored", options.config.native(),
                request.mastodon.in_containers() ? "--compose or --project" : "--directory"),
            request.mastodon.in_containers()
                ? "set mastodon.compose in it; or --force, which replaces it"
                : "set mastodon.directory in it; or --force, which replaces it");
    auto answers = request.answers;
    if (!answers.age_key.empty()) answers.age_key = checked_age_key(answers.age_key);
    const bool may_ask = can_ask() && !request.yes;
    if (exists && !request.force && answers.empty() && !request.run) {
        say("{} already exists and stays unchanged (--remote and other options add to it, --force "
            "replaces it)\n",
            options.config.native());
        const auto config = load_config(options);
        prepare_containers(config, options);
        make_configured_role(config);
        make_signing_keys(config);
        keep_recovery_file(config, user_name);
        return command_check_config(options);
    }
    const auto before = exists ? read_file(options.config, Errc::config) : std::string();
    const auto made = exists && !request.force
                          ? NewConfiguration{.text = before}
                          : new_configuration(request.mastodon, options.instance, may_ask);
    if (may_ask && !exists) ask_for(answers);
    const auto known = config::load_text(made.text, options.config, options.instance);
    if (!known.problems.empty()) throw Error(Errc::config, known.problems.front().to_string());
    if (known.config.mastodon.compose.used())
        check_helper_may_read(options.config, options.instance);
    check_other_instances(known.config);
    make_directories(options.config.parent_path(), 0755, Errc::config);
    make_directory_of_user(options.instance.state_directory(), *user);
    leave_out_known_urls(answers, known.config);
    const ScratchDirectory scratch;
    const auto rclone = encrypt_remotes(answers, known.config, may_ask, scratch.path(), *user);
    const bool more_to_keep = !exists || !rclone.added.empty();
    if (may_ask && more_to_keep && !answers.remotes.empty() && answers.age_key.empty() &&
        known.config.recovery.age_key.empty())
        answers.age_key = asked_age_key();
    const auto answered = with_answers(made.text, known.config, answers);
    try_remotes(answered.remotes, rclone.candidate, may_ask);
    show_change(options.config, before, answered.text, rclone, made.rule, may_ask);
    write_secrets(answered.files, *user);
    write_change(rclone, *user);
    write_polkit_rule(made.rule);
    if (answered.text != before) {
        keep_old(options.config);
        write_file(options.config, answered.text, 0644, Errc::config);
        say("wrote        {}\n", options.config.native());
    }
    const auto config = load_config(options);
    prepare_containers(config, options);
    make_signing_keys(config);
    keep_recovery_file(config, user_name);
    if (const int status = run_in_child(options, "check-config"); status != 0) return status;
    if (const int status = run_in_child(options, "estimate"); status != 0) return status;
    say("\n");
    if (request.run ||
        (may_ask && confirmed("Start the daemon, and make the first backup now?", {})))
        start_and_run(options);
    if (config.offsite.empty())
        say("next: name a place off-site, without which all copies are on this host: {0} "
            "setup --remote PLACE;\n      systemctl enable --now {1}, then {0} run\n",
            options.instance.command(), options.instance.daemon());
    else
        say("next: systemctl enable --now {}, then {} run\n", options.instance.daemon(),
            options.instance.command());
    return 0;
}

const Subcommand setup_command(
    180, "setup", "find Mastodon, create the database role, write a configuration, or add to it",
    add_setup_options, command_setup,
    {.example = "mastobak setup --remote rclone:b2:bucket --encrypt --age-key age1..."});

}  // namespace
}  // namespace mastobak::daemon
