// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/scratch/scratch_server.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <system_error>
#include <utility>

#include "core/accounts.hpp"
#include "core/as_user.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/process.hpp"
#include "postgres/names.hpp"

namespace mastobak::postgres {
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds time_to_make{120}, time_to_start{60};
constexpr std::chrono::milliseconds poll_interval{20}, time_to_stop{3000};

const std::vector<std::string> namespaces{"unshare", "--net",  "--ipc",
                                          "--pid",   "--fork", "--kill-child=KILL"};

std::vector<std::string> operator+(std::vector<std::string> left,
                                   const std::vector<std::string>& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

/// Returns the words to put before a command so that it has no network, and all processes that it
/// starts end with it: the kernel kills all processes of a PID namespace when the first one ends.
/// Source: pid_namespaces(7), unshare(1), setpriv(1)
std::vector<std::string> wall_around(const ScratchServerOptions& options) {
    if (options.contained) return {};
    if (::geteuid() == 0)
        return namespaces +
               std::vector<std::string>{"--mount-proc", "setpriv", "--reuid=" + options.user,
                                        "--regid=" + group_of(options.user), "--clear-groups",
                                        "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs",
                                        // The change of the user has reset this.
                                        "--pdeathsig=KILL"};
    auto ours = namespaces + std::vector<std::string>{"--user", "--map-current-user"};
    if (run({.argv = ours + std::vector<std::string>{"true"}}).ok()) return ours;
    return {};
}

std::string quoted(const std::string& name) {
    return sql_name(name);  // pg_hba.conf uses the same quotes as SQL
}

}  // namespace

ScratchServer::Directory::Directory(const ScratchServerOptions& options)
    : path(options.parent / "postgres-XXXXXX") {
    const auto socket = options.socket_directory.empty() ? path : options.socket_directory;
    if ((socket / ".s.PGSQL.5432").native().size() >= sizeof(sockaddr_un::sun_path))
        throw Error(Errc::environment,
                    fmt::format("the path '{}' is too long for a socket", options.parent.native()),
                    "choose a shorter directory, such as /var/tmp");
    auto name = path.native();
    if (::mkdtemp(name.data()) == nullptr)
        throw errno_error(Errc::environment,
                          fmt::format("make a directory in '{}'", options.parent.native()), errno);
    path = name;
    give_to_user(path, options.user);
}

ScratchServer::Directory::~Directory() {
    std::error_code ignored;  // the failure itself is reported
    fs::remove_all(path, ignored);
}

ScratchServer::ScratchServer(const ScratchServerOptions& options, std::stop_token stop)
    : options_(options), directory_(options), wall_(wall_around(options)) {
    if (options_.socket_directory.empty()) options_.socket_directory = directory_.path;
    initdb(stop);
    write_settings();
    server_ = std::jthread([this](const std::stop_token& end) { serve(end); });
    wait_until_ready(stop);
}

ScratchServer::~ScratchServer() = default;  // the destructor of std::jthread stops and joins

bool ScratchServer::ended() const {
    const std::lock_guard lock(mutex_);
    return ended_;
}

// The system user of the server may not log in as the superuser. So code in a database that
// connects to the server itself (by dblink, for example) does not gain rights.
void ScratchServer::write_settings() const {
    std::string map;
    for (const auto& user : options_.trusted)
        map += fmt::format("trusted {} postgres\n", quoted(user));
    map +=
        fmt::format("guest {} {}\n",
                    quoted(options_.user.empty() ? user_name(::geteuid()) : options_.user), guest);
    for (const auto& [name, text] :
         {std::pair<const char*, std::string>{"pg_ident.conf", map},
          {"pg_hba.conf", fmt::format("local all postgres peer map=trusted\n"
                                      "local {0} {0} peer map=guest\n"
                                      "local all all scram-sha-256\n",
                                      guest)}}) {
        const auto file = directory_.path / name;
        write_file(file, text, 0600, Errc::environment);
        give_to_user(file, options_.user);
    }
}

void ScratchServer::initdb(const std::stop_token& stop) const {
    const auto finished =
        run({.argv = wall_ + std::vector<std::string>{options_.bin_directory / "initdb", "--pgdata",
                                                      directory_.path / "data", "--auth=peer",
                                                      "--username=postgres", "--encoding=UTF8",
                                                      "--locale=C.UTF-8", "--no-sync"},
             .environment = {{"LC_ALL", "C.UTF-8"}},
             .timeout = time_to_make},
            stop);
    if (!finished.ok())
        throw Error(Errc::environment,
                    fmt::format("initdb in '{}': {}", directory_.path.native(), finished.reason()),
                    options_.user.empty()
                        ? "is there room?"
                        : fmt::format("is there room, and can user '{}' go through all directories "
                                      "above it?",
                                      options_.user));
}

std::vector<std::string> ScratchServer::server_command() const {
    auto argv = wall_ + std::vector<std::string>{options_.bin_directory / "postgres", "-D",
                                                 directory_.path / "data"};
    for (const auto& setting : std::initializer_list<std::string>{
             "listen_addresses=",
             "unix_socket_directories=" + quoted(options_.socket_directory.native()), "port=5432",
             "hba_file=" + (directory_.path / "pg_hba.conf").native(),
             "ident_file=" + (directory_.path / "pg_ident.conf").native(),
             "password_encryption=scram-sha-256", "max_connections=20", "shared_buffers=64MB",
             "maintenance_work_mem=64MB",
             // Durability is not needed: after a crash, the data are removed.
             "fsync=off", "full_page_writes=off", "synchronous_commit=off",
             // It has no replicas, and its rows do not change.
             "wal_level=minimal", "max_wal_senders=0", "max_wal_size=512MB", "autovacuum=off",
             // JIT fails where memory cannot be writable and executable (MemoryDenyWriteExecute).
             "jit=off", "log_min_messages=fatal", "logging_collector=off"}) {
        argv.emplace_back("-c");
        argv.push_back(setting);
    }
    return argv;
}

void ScratchServer::serve(const std::stop_token& stop) {
    std::string why;
    try {
        // SIGINT also ends the sessions; SIGTERM would wait for their end.
        why = run({.argv = server_command(),
                   .environment = {{"LC_ALL", "C.UTF-8"}},
                   .stop_signal = SIGINT,
                   .kill_after = time_to_stop},
                  stop)
                  .reason();
    } catch (const std::exception& error) {
        why = describe(error);
    }
    const std::lock_guard lock(mutex_);
    ended_ = true;
    why_ = std::move(why);
    changed_.notify_all();
}

bool ScratchServer::ready() const {
    // The eighth line is the state, for which pg_ctl waits, too.
    std::ifstream file(directory_.path / "data/postmaster.pid");
    std::string line;
    for (int i = 0; i < 8; ++i)
        if (!std::getline(file, line)) return false;
    return line.starts_with("ready");
}

void ScratchServer::wait_until_ready(const std::stop_token& stop) {
    const auto deadline = std::chrono::steady_clock::now() + time_to_start;
    std::unique_lock lock(mutex_);
    while (!ready()) {
        changed_.wait_for(lock, stop, poll_interval, [this] { return ended_; });
        if (stop.stop_requested())
            throw Error(Errc::cancelled, "the start of a scratch PostgreSQL was cancelled");
        if (ended_ || std::chrono::steady_clock::now() > deadline)
            throw Error(Errc::environment,
                        fmt::format("a scratch PostgreSQL in '{}' does not start: {}",
                                    directory_.path.native(),
                                    ended_ ? why_ : std::string("it was not ready in time")));
    }
}

}  // namespace mastobak::postgres
