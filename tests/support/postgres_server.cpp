// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/postgres_server.hpp"

#include <fmt/format.h>

#include <charconv>
#include <csignal>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "core/process/process.hpp"
#include "support/eventually.hpp"

namespace mastobak::test {
namespace fs = std::filesystem;

namespace {

/// The installed servers, by major version.
std::map<int, fs::path> all_bins() {
    std::map<int, fs::path> bins;
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql")) {
        const auto name = entry.path().filename().native();
        int major = 0;
        std::from_chars(name.data(), name.data() + name.size(), major);
        if (major > 0 && fs::exists(entry.path() / "bin/initdb"))
            bins.emplace(major, entry.path() / "bin");
    }
    if (bins.empty()) throw std::runtime_error("PostgreSQL's server is not installed");
    return bins;
}

fs::path bin_of(int major) {
    const auto bins = all_bins();
    return major == 0 ? bins.rbegin()->second : bins.at(major);
}

// postgres refuses to run as root. --pdeathsig: a change of the user clears what run() has set.
std::vector<std::string> as_postgres(std::vector<std::string> argv) {
    const std::vector<std::string> prefix{"setpriv",       "--reuid=postgres", "--regid=postgres",
                                          "--init-groups", "--pdeathsig=KILL", "--"};
    argv.insert(argv.begin(), prefix.begin(), prefix.end());
    return argv;
}

void must(const Finished& finished, std::string_view what) {
    if (!finished.ok()) throw std::runtime_error(fmt::format("{}: {}", what, finished.error_tail));
}

}  // namespace

PostgresServer::PostgresServer(std::vector<std::string> settings,
                               const std::map<std::string, std::string>& files, int major)
    : bin_(bin_of(major)), settings_(std::move(settings)) {
    for (const std::string_view setting : settings_)
        if (setting.starts_with("port="))
            std::from_chars(setting.data() + 5, setting.data() + setting.size(), port_);
    // User postgres cannot enter a directory with mkdtemp's mode 0700.
    fs::permissions(directory_.path(), fs::perms::all);
    must(run({.argv = as_postgres({bin_ / "initdb", "-D", directory_ / "data", "--no-sync", "-A",
                                   "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"})}),
         "initdb");
    for (const auto& [name, contents] : files) {
        const auto file = directory_ / "data" / name;
        write(file, contents);
        must(run({.argv = {"chown", "postgres:", file}}), "chown");
        fs::permissions(file, fs::perms::owner_read);
    }
    start();
}

PostgresServer::PostgresServer(const Programs& programs) : bin_(programs.directory) {
    fs::permissions(directory_.path(), fs::perms::all);
}

std::unique_ptr<PostgresServer> PostgresServer::standby_of(const PostgresServer& primary) {
    std::unique_ptr<PostgresServer> standby(new PostgresServer(Programs{primary.bin()}));
    must(run({.argv = as_postgres({standby->bin_ / "pg_basebackup", "-D",
                                   standby->directory_ / "data", "-R", "-N", "-c", "fast", "-h",
                                   primary.socket_directory(), "-U", "postgres"})}),
         "pg_basebackup");
    standby->start();
    return standby;
}

PostgresServer::~PostgresServer() {
    stop();
}

PostgresServer& PostgresServer::shared() {
    static PostgresServer server;
    return server;
}

void PostgresServer::start() {
    std::vector<std::string> argv{bin_ / "postgres", "-D", directory_ / "data"};
    auto settings = settings_;
    settings.insert(settings.begin(), {"listen_addresses=", "fsync=off", "max_connections=50",
                                       "unix_socket_directories=" + directory_.path().native()});
    for (const auto& setting : settings) {
        argv.emplace_back("-c");
        argv.push_back(setting);
    }
    server_ = std::jthread([argv = as_postgres(std::move(argv))] { run({.argv = argv}); });
    // The eighth line of postmaster.pid is the state, for which pg_ctl also waits.
    const auto ready = [this] {
        if (!fs::exists(directory_ / "data/postmaster.pid")) return false;
        return read(directory_ / "data/postmaster.pid").find("\nready") != std::string::npos;
    };
    if (!eventually(ready, std::chrono::seconds(30)))
        throw std::runtime_error("PostgreSQL does not start");
}

void PostgresServer::stop() {
    if (!server_.joinable()) return;
    if (const auto pid = postmaster(); pid > 0) ::kill(pid, SIGQUIT);
    server_.join();
}

void PostgresServer::hangs() const {
    ::kill(postmaster(), SIGSTOP);
}

void PostgresServer::goes_on() const {
    ::kill(postmaster(), SIGCONT);
}

pid_t PostgresServer::postmaster() const {
    if (!fs::exists(directory_ / "data/postmaster.pid")) return 0;
    pid_t pid = 0;
    std::istringstream(read(directory_ / "data/postmaster.pid")) >> pid;
    return pid;
}

std::string PostgresServer::run_psql(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {bin_ / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1"});
    auto finished = run({.argv = std::move(arguments),
                         .environment = {{"PGHOST", socket_directory()},
                                         {"PGPORT", std::to_string(port_)},
                                         {"PGUSER", "postgres"}}});
    must(finished, "psql");
    auto output = std::move(finished.output);
    if (output.ends_with('\n')) output.pop_back();
    return output;
}

std::string PostgresServer::psql(const std::string& database, const std::string& sql) const {
    return run_psql({"-d", database, "-c", sql});
}

void PostgresServer::psql_file(const std::string& database, const fs::path& file) const {
    run_psql({"-d", database, "-f", file});
}

void PostgresServer::create_database(const std::string& name) const {
    run_psql({"-d", "postgres", "-c",
              fmt::format("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", name), "-c",
              fmt::format("CREATE DATABASE \"{}\" TEMPLATE template0", name)});
}

void PostgresServer::create_mastodon(const std::string& name) const {
    create_database(name);
    psql_file(name, SOURCE_DIR "/tests/support/mastodon_schema.sql");
}

std::vector<int> PostgresServer::installed() {
    std::vector<int> majors;
    for (const auto& [major, bin] : all_bins()) majors.push_back(major);
    return majors;
}

std::string PostgresServer::differences(const std::string& a, const std::string& b) const {
    // Newer dumps begin with a random key. Comments mention the owner of schema public, which a
    // restore does not change.
    constexpr auto script = R"(lines() {
    PGDATABASE="$1" "$pg_dump" --no-owner --no-privileges --no-tablespaces --no-comments \
        --encoding=UTF8 |
        grep -av -e '^.\(un\)\?restrict ' -e '^--' -e '^$' | LC_ALL=C sort
}
diff -a <(lines "$1") <(lines "$2") | head -n 20)";
    return run({.argv = {"bash", "-uc", script, "differences", a, b},
                .environment = {{"PGHOST", socket_directory()},
                                {"PGPORT", std::to_string(port_)},
                                {"PGUSER", "postgres"},
                                // ALTER DATABASE may have set these for one of the databases.
                                {"PGOPTIONS",
                                 "-c statement_timeout=0 -c idle_session_timeout=0 "
                                 "-c quote_all_identifiers=off "
                                 "-c standard_conforming_strings=on"},
                                {"pg_dump", bin_ / "pg_dump"}}})
        .output;
}

void PostgresServer::set_hba(const std::string& text) const {
    // The line for the tests comes first, so that they can always connect.
    write(directory_ / "data/pg_hba.conf", "local all postgres trust\n" + text);
    const auto before = psql("postgres", "SELECT pg_conf_load_time()");
    ::kill(postmaster(), SIGHUP);
    if (!eventually([&] { return psql("postgres", "SELECT pg_conf_load_time()") != before; }))
        throw std::runtime_error("PostgreSQL does not reload its configuration");
}

}  // namespace mastobak::test
