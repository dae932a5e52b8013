// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/database/database_settings.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "core/process/accounts.hpp"
#include "core/process/process.hpp"
#include "core/text.hpp"
#include "mastodon/database_settings.hpp"

namespace mastobak::backup {
namespace {

namespace fs = std::filesystem;
using postgres::Parameters;

/// Returns where a variable is set: "'/home/mastodon/live/.env.production:12'", or the unit when no
/// dotenv file sets it.
std::string where_set(const mastodon::Instance& instance, const std::string& variable) {
    for (const auto& file : instance.env_files_read) {
        std::istringstream in(read_file(file, Errc::environment));
        std::size_t number = 0;
        for (std::string line; std::getline(in, line);) {
            ++number;
            const auto at = line.find(variable);
            if (at == std::string::npos || line.find('#') < at) continue;
            const auto after = line.find_first_not_of(" \t\"'", at + variable.size());
            const bool begins = at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t' ||
                                line[at - 1] == '"' || line[at - 1] == '\'';
            if (begins && after != std::string::npos && (line[after] == '=' || line[after] == ':'))
                return fmt::format("{}:{}", file.native(), number);
        }
    }
    return "the environment of Mastodon's unit";
}

std::string value_of(const mastodon::Environment& environment, const std::string& name) {
    const auto set = environment.find(name);
    return set == environment.end() ? std::string() : set->second;
}

/// Returns the parameters that libpq takes from environment variables. A parameter of the
/// connection takes precedence.
/// Source: PostgreSQL's documentation, 34.15 Environment Variables
Parameters of_variables(const mastodon::Environment& environment) {
    Parameters result;
    for (const auto& [variable, value] : environment) {
        const auto name = postgres::parameter_of_variable(variable);
        if (name && !value.empty()) result.emplace(*name, value);
    }
    // libpq still supports this obsolete variable.
    if (value_of(environment, "PGREQUIRESSL").starts_with('1'))
        result.emplace("sslmode", "require");
    return result;
}

/// Mastodon's environment names the file, and mastobak may read more than Mastodon. The check
/// ensures that the password in the file does not belong to another user.
std::string read_if_mastodon_may(const fs::path& file, const std::string& user) {
    const auto fd = open_regular(file, Symlinks::follow, Errc::environment);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0)
        throw errno_error(Errc::environment, "read '" + file.native() + "'", errno);
    const auto account = account_named(user);
    if ((status.st_mode & S_IROTH) == 0 && (!account || status.st_uid != account->user))
        throw Error(Errc::environment,
                    fmt::format("the service file '{}' cannot be read by its user '{}'",
                                file.native(), user),
                    "give it to that user, or correct PGSERVICEFILE");
    return read_all(fd.get(), file, Errc::environment);
}

/// Returns the parameters of a service. They take precedence over environment variables, but not
/// over parameters of the connection.
Parameters of_service(const mastodon::Instance& instance, const std::string& service,
                      const fs::path& home) {
    const auto& environment = instance.environment;
    std::vector<fs::path> files;
    if (const auto file = value_of(environment, "PGSERVICEFILE"); !file.empty())
        files.emplace_back(file);
    else if (!home.empty())
        files.push_back(home / ".pg_service.conf");
    const auto directory = value_of(environment, "PGSYSCONFDIR");
    files.push_back(fs::path(directory.empty() ? "/etc/postgresql-common" : directory) /
                    "pg_service.conf");
    for (const auto& file : files) {
        if (std::error_code ignored; !fs::exists(file, ignored)) continue;
        const auto found =
            postgres::service_parameters(read_if_mastodon_may(file, instance.user), service);
        if (found) return *found;
    }
    throw Error(Errc::config,
                fmt::format("{}: the service '{}' of PGSERVICE is not in '{}'",
                            where_set(instance, "PGSERVICE"), service, files.front().native()),
                "correct it, or set DB_HOST and the rest in .env.production instead");
}

/// Takes a parameter that has a member of its own in Settings.
std::string take(Parameters& parameters, const std::string& name) {
    const auto found = parameters.find(name);
    if (found == parameters.end()) return {};
    auto value = std::move(found->second);
    parameters.erase(found);
    return value;
}

/// Adds the files that libpq looks for in the home directory of Mastodon's user.
void add_files_of_home(postgres::Settings& settings, const fs::path& home) {
    if (settings.by_socket() || home.empty()) return;
    auto& parameters = settings.parameters;
    const auto add = [&](const char* name, const char* file) {
        const auto path = home / ".postgresql" / file;
        if (std::error_code ignored; !parameters.contains(name) && fs::exists(path, ignored))
            parameters.emplace(name, path);
    };
    const auto mode = parameters.contains("sslmode") ? parameters.at("sslmode") : "prefer";
    // Not for sslmode=prefer: TLS is optional there, so unreadable files must not cause an error.
    if (mode == "verify-ca" || mode == "verify-full") add("sslrootcert", "root.crt");
    if (mode == "require" || mode.starts_with("verify")) {
        add("sslcert", "postgresql.crt");
        add("sslkey", "postgresql.key");
    }
}

/// Removes parameters that mastobak sets itself or must not take from Mastodon.
void drop_what_is_ours(Parameters& parameters) {
    for (const auto* name : {"application_name", "client_encoding", "fallback_application_name",
                             "replication", "service", "servicefile", "sslkeylogfile"})
        parameters.erase(name);
}

/// libpq resolves relative file names against the working directory of the process.
void make_absolute(Parameters& parameters, const fs::path& directory) {
    for (const auto* name : {"sslrootcert", "sslcert", "sslkey", "sslcrl", "sslcrldir"})
        if (const auto file = parameters.find(name);
            file != parameters.end() && file->second != "system" &&
            !file->second.starts_with('/') && file->second.find(':') == std::string::npos)
            file->second = directory / file->second;
}

/// Returns whether the configuration alone decides which server gets the password of its passfile.
/// A user of this host may listen on any other port of a server on this host.
bool names_server(const config::Database& over, const postgres::Settings& settings) {
    constexpr std::uint16_t usual_port = 5432;
    return over.host && (over.port || settings.port == usual_port);
}

/// Removes parameters that libpq does not know, as Rails does.
void drop_unknown(Parameters& parameters) {
    std::erase_if(parameters,
                  [](const auto& parameter) { return !postgres::is_parameter(parameter.first); });
}

}  // namespace

postgres::Settings mastodons_settings(const mastodon::Instance& instance) {
    const auto own = mastodon::database_settings(instance.environment, instance.unknowns);
    const auto account = account_named(instance.user);
    const auto home = account ? account->home : fs::path();
    auto parameters = own.parameters;
    drop_unknown(parameters);
    const auto variables = of_variables(instance.environment);
    auto service = take(parameters, "service");
    if (service.empty() && variables.contains("service")) service = variables.at("service");
    if (!service.empty()) parameters.merge(of_service(instance, service, home));
    parameters.merge(Parameters(variables));
    drop_what_is_ours(parameters);

    postgres::Settings settings;
    const auto or_else = [&parameters](const std::string& value, const char* name) {
        const auto other = take(parameters, name);
        return value.empty() ? other : value;
    };
    settings.host = or_else(own.host, "host");
    settings.database = or_else(own.name, "dbname");
    settings.user = or_else(own.user, "user");
    if (settings.user.empty()) settings.user = instance.user;
    settings.password = or_else(own.password, "password");
    // Mastodon's user could name a passfile of mastobak or of root, and the server that gets its
    // password. mastobak could not use Mastodon's own passfile in any case: libpq takes only a file
    // that no other user may read.
    parameters.erase("passfile");
    const auto port = parse_number<std::uint16_t>(take(parameters, "port"));
    settings.port = own.port_given || !port ? own.port : *port;
    if (const auto limit = parse_number<unsigned>(take(parameters, "connect_timeout"));
        limit && *limit)
        settings.connect_timeout = std::chrono::seconds(*limit);
    if (parameters.contains("sslpassword"))
        throw Error(
            Errc::config,
            fmt::format("{}: the key of the connection has a passphrase (sslpassword), "
                        "which pg_dump can only ask a person for",
                        where_set(instance, mastodon::database_url_name(instance.environment))),
            "use a key without one, which only mastodon and mastobak may read");
    make_absolute(parameters, instance.directory);
    settings.parameters = std::move(parameters);
    add_files_of_home(settings, home);
    return settings;
}

postgres::Settings database_settings(const config::Config& config,
                                     const mastodon::Instance& instance) {
    const auto& over = config.database;
    // A setting in the configuration replaces Mastodon's, which may then be unknown.
    auto needed = instance;
    if (over.host) needed.unknowns.erase("DB_HOST");
    if (over.port) needed.unknowns.erase("DB_PORT");
    if (over.name) needed.unknowns.erase("DB_NAME");
    if (over.user) needed.unknowns.erase("DB_USER");
    if (over.user || !over.passfile.empty()) needed.unknowns.erase("DB_PASS");
    if (over.host && over.port && over.name && over.user)
        for (const auto* name : {"PRIMARY_DATABASE_URL", "DATABASE_URL"})
            needed.unknowns.erase(name);
    const auto own = mastodons_settings(needed);
    auto settings = own;
    settings.host = over.host.value_or(own.host);
    settings.port = over.port.value_or(own.port);
    settings.database = over.name.value_or(own.database);
    settings.user = over.user.value_or(own.user);
    if (over.host) settings.parameters.erase("hostaddr");
    if (settings.host != own.host) settings.parameters.erase("requirepeer");
    // Mastodon's password belongs to Mastodon's role only.
    if (settings.user != own.user || !over.passfile.empty()) settings.password.clear();
    if (names_server(over, settings)) settings.passfile = over.passfile;
    return settings;
}

void check_destination(const config::Config& config, const postgres::Settings& settings) {
    const auto& over = config.database;
    if (over.passfile.empty() || names_server(over, settings)) return;
    const auto* key = over.host ? "database.port" : "database.host";
    throw Error(
        Errc::config,
        fmt::format("'{}' has database.passfile without {}: Mastodon's settings would choose the "
                    "server that gets its password, '{}:{}'",
                    config.source.native(), key, settings.host, settings.port),
        fmt::format("if that is the right server, add its {} below 'database:'",
                    over.host
                        ? fmt::format("'port: {}'", settings.port)
                        : fmt::format("'host: {}' and 'port: {}'", settings.host, settings.port)));
}

postgres::Settings settings_of_url(const std::string& url) {
    constexpr auto form =
        "it looks like 'postgresql://ROLE@HOST:5432/DATABASE?sslmode=verify-full&sslrootcert=FILE'";
    const auto refused = [](std::string why, std::string hint) {
        return Error(Errc::usage, "--database-url: " + std::move(why), std::move(hint));
    };
    mastodon::DatabaseSettings said;
    try {
        // A part that the URL lacks stays empty, instead of Mastodon's default.
        said = mastodon::database_settings(
            {{"DATABASE_URL", url}, {"DB_HOST", ""}, {"DB_NAME", ""}, {"DB_USER", ""}});
    } catch (const Error& error) {
        constexpr std::string_view mark = "is not usable: ";
        const auto at = error.text().find(mark);
        throw refused(
            at == std::string::npos ? error.text() : error.text().substr(at + mark.size()), form);
    }
    if (!said.password.empty())
        throw refused("a password on the command line is shown to all users of this host ('ps')",
                      "leave it out: --passfile FILE, PGPASSWORD, or a terminal that is asked on");
    if (said.user.empty()) throw refused("it names no role", form);
    for (const auto* name : {"service", "servicefile", "sslpassword"})
        if (said.parameters.contains(name))
            throw refused(fmt::format("the parameter '{}' is not supported", name), form);
    for (const auto& [name, value] : said.parameters)
        if (!postgres::is_parameter(name))
            throw refused(
                fmt::format("the libpq of this host does not know the parameter '{}'", name),
                "is it spelled right?");
    auto parameters = said.parameters;
    drop_what_is_ours(parameters);
    postgres::Settings settings{.host = said.host,
                                .port = said.port,
                                .database = said.name,
                                .user = said.user,
                                .passfile = take(parameters, "passfile")};
    if (const auto limit = parse_number<unsigned>(take(parameters, "connect_timeout"));
        limit && *limit)
        settings.connect_timeout = std::chrono::seconds(*limit);
    make_absolute(parameters, fs::current_path());
    const auto mode = parameters.find("sslmode");
    if (mode != parameters.end() && mode->second.starts_with("verify-") &&
        !parameters.contains("sslrootcert"))
        throw refused(fmt::format("sslmode={} needs a certificate to verify with", mode->second),
                      "add '&sslrootcert=FILE', of the authority that has signed the server's");
    settings.parameters = std::move(parameters);
    return settings;
}

void check_files_of(const postgres::Settings& settings, std::stop_token stop) {
    for (const auto& file : settings.files()) {
        const auto looked = run({.argv = {"test", "-r", file}}, stop);
        if (looked.ok()) continue;
        const bool key =
            settings.parameters.contains("sslkey") && file == settings.parameters.at("sslkey");
        std::error_code ignored;
        const bool there = fs::exists(file, ignored);
        throw Error(
            Errc::database,
            fmt::format(
                "pg_dump of {}: '{}' {}", settings.to_string(), file.native(),
                there ? "cannot be read by the user that mastobak runs as" : "does not exist"),
            !there ? std::string("it is named by Mastodon's own settings of the database, or by "
                                 "database.passfile")
            : key  ? std::string("libpq shares a key only if it belongs to root: chown root:GROUP "
                                  "and chmod 640, where mastodon and mastobak are in that group")
            : file == settings.passfile
                ? std::string("libpq takes a passfile only from its owner: set database.passfile "
                              "to a copy of mode 0600 that belongs to mastobak")
                : fmt::format("setfacl -m u:mastobak:r {}, and x on the directories above it",
                              shell_word(file.native())))
            .for_person();
    }
}

}  // namespace mastobak::backup
