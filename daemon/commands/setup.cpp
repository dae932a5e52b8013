// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>

#include "backup/plan.hpp"
#include "core/accounts.hpp"
#include "core/as_user.hpp"
#include "core/files.hpp"
#include "core/json.hpp"
#include "core/process.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/cli/with_systemd.hpp"
#include "daemon/commands/check_config.hpp"
#include "mastodon/instance.hpp"
#include "media/tree/media_root.hpp"
#include "postgres/connection.hpp"
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

// The names need no quotes, because they are constants. The role gets only the rights that a dump
// needs, and pg_read_all_stats, which shows the holder of a lock.
constexpr auto role_sql = R"(
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'mastobak') THEN
        CREATE ROLE mastobak LOGIN;
    END IF;
END $$;
GRANT pg_read_all_data, pg_read_all_stats TO mastobak;
)";

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

/// Returns the directory of the socket of a server on this host; nullopt for another host.
std::optional<std::string> local_socket(const mastodon::DatabaseSettings& database) {
    if (database.host.starts_with('/')) return database.host;
    const bool local = database.host.empty() || database.host == "localhost" ||
                       database.host == "127.0.0.1" || database.host == "::1";
    if (!local) return std::nullopt;
    for (const auto* directory : {"/run/postgresql", "/var/run/postgresql", "/tmp"}) {
        const auto socket = fs::path(directory) / fmt::format(".s.PGSQL.{}", database.port);
        if (std::error_code ignored; fs::exists(socket, ignored)) return directory;
    }
    return std::nullopt;
}

/// Returns a command that runs SQL as the superuser, in a database that is not Mastodon's.
Command as_superuser(const std::string& socket, std::uint16_t port, const std::string& sql) {
    return {
        .argv = {"runuser", "-u", "postgres", "--", "psql", "--no-psqlrc", "--quiet", "--no-align",
                 "--tuples-only", "--set=ON_ERROR_STOP=1", "--host=" + socket,
                 fmt::format("--port={}", port), "--dbname=postgres", "--command", sql},
        // The socket comes from Mastodon's settings, so a server of another user may listen there;
        // PGREQUIREPEER refuses it. Other users may have created functions in this database, too,
        // hence the search path.
        .environment = {{"PGREQUIREPEER", "postgres"}, {"PGOPTIONS", "-c search_path=pg_catalog"}},
        .timeout = std::chrono::seconds(30)};
}

/// Creates the role.
/// \return whether the role exists now
bool make_role(const std::string& socket, const mastodon::DatabaseSettings& database) {
    const auto result = run(as_superuser(socket, database.port, role_sql));
    if (result.ok()) return true;
    say("role         cannot be created: {}\n"
        "             the backup will use Mastodon's own role '{}' instead\n",
        result.reason(), database.user);
    return false;
}

/// Returns a name for pg_hba.conf: "mastodon_production", or another name in quotes.
std::string hba_name(const std::string& name) {
    const bool plain = std::ranges::all_of(name, [](unsigned char c) {
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    });
    if (plain) return name;
    std::string quoted = "\"";
    for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + '"';
}

std::string hba_file(const std::string& socket, std::uint16_t port) {
    const auto result = run(as_superuser(socket, port, "SHOW hba_file"));
    const auto line = result.output.substr(0, result.output.find('\n'));
    return result.ok() && !line.empty() ? line : "pg_hba.conf";
}

/// Logs in as the daemon will, because only an attempt shows whether pg_hba.conf permits it.
/// \return whether the role may log in
bool try_role(const std::string& socket, const mastodon::DatabaseSettings& database) {
    postgres::Settings settings;
    settings.host = socket;
    settings.port = database.port;
    settings.database = database.name;
    settings.user = user_name;
    std::string why_not;
    run_as_user(user_name, [&] {
        try {
            const postgres::Connection connection(settings);
        } catch (const Error& error) {
            why_not = error.text();
        }
    });
    if (why_not.empty()) return true;
    say("role         '{0}' was created, but cannot log in: {1}\n"
        "             To let it in, write this line before the first one of {2},\n"
        "             then: systemctl reload postgresql; mastobak setup --force\n"
        "               local {3} {0} peer\n"
        "             Until then the backup uses Mastodon's own role '{4}'.\n",
        user_name, why_not, hba_file(socket, database.port), hba_name(database.name),
        database.user);
    return false;
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

struct SetupRequest {
    bool force = false;       ///< replace an existing configuration
    std::string directory{};  ///< Mastodon's directory; empty: search for it
};

void add_setup_options(CLI::App& app, Options&, SetupRequest& request) {
    app.add_flag("--force", request.force,
                 "replace an existing configuration; the old one is kept");
    app.add_option("--directory", request.directory,
                   "Mastodon's directory, where setup does not find it")
        ->type_name("DIR");
}

int command_setup(const Options& options, const SetupRequest& request) {
    const auto& [force, directory] = request;
    if (::geteuid() != 0) throw Error(Errc::denied, "only root can set up", "sudo mastobak setup");
    // The daemon's user has to read the new files, whatever the umask of root's shell is.
    ::umask(022);
    const auto user = account_named(user_name);
    if (!user)
        throw Error(Errc::environment, fmt::format("there is no user '{}'", user_name),
                    "install mastobak with packaging/install or the Debian package");
    if (fs::exists(options.config) && !force) {
        if (!directory.empty())
            throw Error(Errc::usage,
                        fmt::format("'{}' already exists, and --directory would be ignored",
                                    options.config.native()),
                        "set mastodon.directory in it; or --force, which replaces it");
        say("{} already exists and stays unchanged (--force replaces it)\n",
            options.config.native());
        make_signing_keys(load_config(options));
        return command_check_config(options);
    }
    mastodon::Instance instance;
    const auto place = directory.empty() ? fs::path() : fs::absolute(directory).lexically_normal();
    with_systemd([&](units::UnitControl& control) { return find(control, place, instance); });
    // The role that setup creates does not need Mastodon's password.
    auto unknowns = instance.unknowns;
    unknowns.erase("DB_PASS");
    const auto database = mastodon::database_settings(instance.environment, unknowns);
    auto socket = local_socket(database);
    if (socket && !(make_role(*socket, database) && try_role(*socket, database))) socket.reset();
    if (socket) say("role         '{}' may read '{}'\n", user_name, database.name);
    make_directories(options.config.parent_path(), 0755, Errc::config);
    make_directory_of_user(config::Config().state_directory, *user);
    if (force && fs::exists(options.config)) {
        auto kept = options.config;
        kept += ".old";
        for (int n = 2; fs::exists(kept); ++n)
            kept = fmt::format("{}.old.{}", options.config.native(), n);
        fs::rename(options.config, kept);
        say("kept         the old configuration as {}\n", kept.native());
    }
    write_file(options.config, configuration(instance, socket), 0644, Errc::config);
    say("wrote        {}\n", options.config.native());
    make_signing_keys(load_config(options));
    say("\n");
    const int status = command_check_config(options);
    if (status == 0)
        say("\nnext: name a place off-site in {} (offsite:), without which all copies are on this "
            "host;\n      systemctl enable --now mastobak, then mastobak run\n",
            options.config.native());
    return status;
}

const Subcommand setup_command(180, "setup",
                               "find Mastodon, create the database role, write a configuration",
                               add_setup_options, command_setup,
                               {.example = "mastobak setup --directory /srv/mastodon/live"});

}  // namespace
}  // namespace mastobak::daemon
