// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "backup/plan.hpp"
#include "config/load.hpp"
#include "core/accounts.hpp"
#include "core/as_user.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/json.hpp"
#include "core/process.hpp"
#include "daemon/cli/confirm.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/cli/with_systemd.hpp"
#include "daemon/commands/check_config.hpp"
#include "daemon/scratch_directory.hpp"
#include "daemon/setup/database_role.hpp"
#include "daemon/setup/wishes.hpp"
#include "mastodon/instance.hpp"
#include "media/tree/media_root.hpp"
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
    say("signing key  {} (keep a copy of it elsewhere)\n"
        "public key   {}\n",
        store::secret_key_file(config.state_directory).native(), to_line(half));
}

constexpr auto user_name = "mastobak";

async::Task<> find(units::UnitControl& control, fs::path directory, mastodon::Instance& instance) {
    const auto patterns = config::Mastodon().units;
    const auto units = co_await control.list(patterns);
    const auto facts = co_await backup::unit_facts(control, units);
    say("units        {} loaded\n", units.size());
    try {
        instance = mastodon::find_instance(directory, {}, facts);
    } catch (const Error& error) {
        // The hint names an option, because there is no configuration yet.
        if (error.hint().find("mastodon.directory") == std::string::npos) throw;
        throw Error(error.code(), error.text(),
                    "mastobak setup --directory DIR, where DIR has Mastodon's .env.production");
    }
    say("mastodon     {}\n", instance.directory.native());
}

void make_directory_of_user(const fs::path& directory, const Account& user) {
    make_directories(directory, 0700, Errc::environment);
    if (::chown(directory.c_str(), user.user, user.group) != 0)
        throw errno_error(Errc::environment,
                          fmt::format("give '{}' to '{}'", directory.native(), user.name), errno);
}

// Returns a YAML string in double quotes, which has the same syntax as a JSON string.
std::string quoted(const std::string& text) {
    return Json(text).dump();
}

/// Returns the media directory for the configuration. Returns nullopt, and prints the reason, when
/// it cannot be opened or does not belong to Mastodon's user: for media.path, its owner would not
/// be checked.
std::optional<fs::path> media_to_name(const mastodon::Instance& instance) {
    const auto root = mastodon::media_root(instance);
    try {
        static_cast<void>(media::open_root(root, backup::media_owners({}, instance)));
        return root;
    } catch (const Error& error) {
        say("media        is not named in the configuration: {}\n", error.text());
        return std::nullopt;
    }
}

std::string configuration(const mastodon::Instance& instance,
                          const std::optional<std::string>& socket) {
    std::string text =
        "# Written by `mastobak setup` with what it found on this host. Every key is described in\n"
        "# mastobak.yaml(5) and in /usr/share/doc/mastobak/mastobak.yaml; what is not set here\n"
        "# has its default.\n\n";
    text += fmt::format("mastodon:\n  directory: {}\n", quoted(instance.directory.native()));
    if (socket)
        text += fmt::format("\ndatabase:\n  host: {}\n  user: {}\n", quoted(*socket), user_name);
    // With this key, root decides where a restore writes, and not a file of Mastodon's user.
    if (!mastodon::object_store(instance.environment, instance.unknowns)) {
        if (const auto root = media_to_name(instance))
            text += fmt::format("\nmedia:\n  path: {}\n", quoted(root->native()));
    } else {
        text +=
            "\n# The media is in an object store: back that up by other means.\n"
            "media:\n  elsewhere: true\n";
    }
    return text +
           "\n# Where copies go; see the README for rclone, crypt remotes and rsync.\n"
           "# offsite:\n#   - name: disk\n#     type: directory\n#     target: "
           "/mnt/disk/mastobak\n";
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t from = 0; from < text.size();) {
        const auto to = std::min(text.find('\n', from), text.size());
        lines.push_back(text.substr(from, to - from));
        from = to + 1;
    }
    return lines;
}

struct SetupRequest {
    bool force = false;       ///< replace an existing configuration
    bool yes = false;         ///< ask nothing
    bool run = false;         ///< start the daemon, and make the first backup
    std::string directory{};  ///< Mastodon's directory; empty: search for it
    Wishes wishes{};
};

void add_setup_options(CLI::App& app, Options&, SetupRequest& request) {
    app.add_flag("--force", request.force,
                 "replace an existing configuration; the old one is kept");
    app.add_option("--directory", request.directory,
                   "Mastodon's directory, where setup does not find it")
        ->type_name("DIR");
    app.add_option("--remote", request.wishes.remotes,
                   "copy the sets there: rclone:REMOTE:PATH, rsync:USER@HOST:/PATH, or a directory")
        ->type_name("PLACE")
        ->take_all();
    app.add_option("--notify-healthchecks", request.wishes.healthchecks,
                   "report each run to this check of healthchecks.io, or of a server of its kind")
        ->type_name("URL")
        ->take_all();
    app.add_option("--notify-ping", request.wishes.pings,
                   "request this URL after each run, as Uptime Kuma expects it")
        ->type_name("URL")
        ->take_all();
    app.add_option("--notify-mail", request.wishes.mails,
                   "send mail to this address when a person is needed")
        ->type_name("ADDRESS")
        ->take_all();
    app.add_option("--at", request.wishes.at, "local time of the nightly run, such as 03:00")
        ->type_name("HH:MM");
    app.add_flag("--run", request.run, "start the daemon, and make the first backup");
    app.add_flag("--yes", request.yes, "do not ask");
}

/// Asks for what no option has said.
void ask_for(Wishes& wishes) {
    say("\nFour questions; an empty answer skips one. All of this can be changed later.\n\n");
    if (wishes.remotes.empty())
        if (auto remote = answer_to("Where do copies go, off this host? (rclone:REMOTE:PATH, "
                                    "rsync:USER@HOST:/PATH, or a directory)");
            !remote.empty())
            wishes.remotes.push_back(std::move(remote));
    if (wishes.healthchecks.empty())
        if (auto url = answer_to("Which check of healthchecks.io, or of a server of its kind, "
                                 "notices when no backup is made? (URL)");
            !url.empty())
            wishes.healthchecks.push_back(std::move(url));
    if (wishes.mails.empty())
        if (auto mail = answer_to("Which address gets mail when a person is needed?");
            !mail.empty())
            wishes.mails.push_back(std::move(mail));
    if (wishes.at.empty()) wishes.at = answer_to("When does the nightly run begin? (03:00)");
    say("\n");
}

/// Writes a file to each new remote and reads its list, as the daemon's user.
void try_remotes(const Wishes& wishes, bool may_ask) {
    std::vector<config::Remote> known;
    for (const auto& wish : wishes.remotes) {
        known.push_back(remote_of(wish, known));
        const auto& remote = known.back();
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
                 bool may_ask) {
    if (before == after) return say("{} stays unchanged\n", file.native());
    if (before.empty()) {
        say("\n");
        for (const auto& line : lines_of(after)) say("  {}\n", line);
        say("\n");
    } else {
        const ScratchDirectory scratch;
        const auto wished = scratch.path() / "new";
        write_file(wished, after, 0600, Errc::environment);
        const auto compared =
            run({.argv = {"diff", "-u", "--label", file.native(), "--label",
                          file.native() + " (new)", file.native(), wished.native()}});
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
        if (::chown(path.c_str(), user.user, user.group) != 0)
            throw errno_error(Errc::environment,
                              fmt::format("give '{}' to '{}'", path.native(), user.name), errno);
        say("wrote        {}\n", path.native());
    }
}

/// Looks at the host, and returns the text of a new configuration.
std::string found_configuration(const std::string& directory) {
    mastodon::Instance instance;
    const auto place = directory.empty() ? fs::path() : fs::absolute(directory).lexically_normal();
    with_systemd([&](units::UnitControl& control) { return find(control, place, instance); });
    // The role that setup creates does not need Mastodon's password.
    auto unknowns = instance.unknowns;
    unknowns.erase("DB_PASS");
    const auto database = mastodon::database_settings(instance.environment, unknowns);
    return configuration(instance, let_role_in(database));
}

/// Runs a command of this program in a process of its own, because it becomes the daemon's user.
/// \return its exit status
int run_in_child(const Options& options, const std::string& name) {
    const auto finished =
        run({.argv = {"/proc/self/exe", "--config", options.config.native(), name}});
    say("\n");
    write_out(finished.output);
    write_error(finished.error_tail);
    return finished.ok() ? 0 : finished.exit_status;
}

/// Starts the daemon, and replaces this process by `mastobak run`.
[[noreturn]] void start_and_run(const Options& options) {
    const auto started = run({.argv = {"systemctl", "enable", "--now", "mastobak"}});
    if (!started.ok())
        throw Error(Errc::environment, "cannot start mastobak: " + started.reason(),
                    "systemctl status mastobak");
    say("\nThe daemon runs. The first backup begins.\n");
    ::execl("/proc/self/exe", "mastobak", "--config", options.config.c_str(), "run", nullptr);
    throw errno_error(Errc::environment, "start 'mastobak run'", errno);
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
    if (exists && !request.force && !request.directory.empty())
        throw Error(Errc::usage,
                    fmt::format("'{}' already exists, and --directory would be ignored",
                                options.config.native()),
                    "set mastodon.directory in it; or --force, which replaces it");
    auto wishes = request.wishes;
    const bool may_ask = can_ask() && !request.yes;
    if (exists && !request.force && wishes.empty() && !request.run) {
        say("{} already exists and stays unchanged (--remote and other options add to it, --force "
            "replaces it)\n",
            options.config.native());
        make_signing_keys(load_config(options));
        return command_check_config(options);
    }
    const auto before = exists ? read_file(options.config, Errc::config) : std::string();
    const auto found = exists && !request.force ? before : found_configuration(request.directory);
    if (may_ask && !exists) ask_for(wishes);
    make_directories(options.config.parent_path(), 0755, Errc::config);
    make_directory_of_user(config::Config().state_directory, *user);
    const auto known = config::load_text(found, options.config);
    if (!known.problems.empty()) throw Error(Errc::config, known.problems.front().to_string());
    const auto wished = with_wishes(found, known.config, wishes);
    try_remotes(wishes, may_ask);
    show_change(options.config, before, wished.text, may_ask);
    write_secrets(wished.files, *user);
    if (wished.text != before) {
        keep_old(options.config);
        write_file(options.config, wished.text, 0644, Errc::config);
        say("wrote        {}\n", options.config.native());
    }
    const auto config = load_config(options);
    make_signing_keys(config);
    if (const int status = run_in_child(options, "check-config"); status != 0) return status;
    if (const int status = run_in_child(options, "estimate"); status != 0) return status;
    if (request.run ||
        (may_ask && confirmed("\nStart the daemon, and make the first backup now?", {})))
        start_and_run(options);
    if (config.offsite.empty())
        say("\nnext: name a place off-site, without which all copies are on this host: mastobak "
            "setup --remote PLACE;\n      systemctl enable --now mastobak, then mastobak run\n");
    else
        say("\nnext: systemctl enable --now mastobak, then mastobak run\n");
    return 0;
}

const Subcommand setup_command(
    180, "setup", "find Mastodon, create the database role, write a configuration, or add to it",
    add_setup_options, command_setup,
    {.example = "mastobak setup --remote rclone:b2-crypt: --notify-mail admin@example.org"});

}  // namespace
}  // namespace mastobak::daemon
