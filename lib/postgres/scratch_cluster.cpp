// SPDX-License-Identifier: GPL-3.0-or-later
#include "postgres/scratch_cluster.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "core/as_user.hpp"
#include "core/error.hpp"
#include "postgres/names.hpp"

namespace mastobak::postgres {
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds time_to_make{120}, time_to_start{60}, time_to_stop{10};
constexpr std::chrono::milliseconds look_interval{20};

bool has_server(const fs::path& bin) {
    return ::access((bin / "initdb").c_str(), X_OK) == 0 &&
           ::access((bin / "postgres").c_str(), X_OK) == 0;
}

/// Where the programs of a server are that can take what one of that version had.
fs::path server_programs(const ScratchOptions& options) {
    if (!options.bin_directory.empty() && has_server(options.bin_directory))
        return options.bin_directory;
    std::optional<std::pair<int, fs::path>> best;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
        const auto name = entry.path().filename().native();
        int major = 0;
        std::from_chars(name.data(), name.data() + name.size(), major);
        if (major < options.major || !has_server(entry.path() / "bin")) continue;
        if (!best || major < best->first) best.emplace(major, entry.path() / "bin");
    }
    if (best) return best->second;
    throw Error(
        Errc::environment,
        fmt::format("no PostgreSQL server of version {} or newer is installed", options.major),
        fmt::format("install the package postgresql-{}; no cluster of it has to run",
                    options.major));
}

std::vector<std::string> server_command(const fs::path& bin, const fs::path& directory) {
    std::vector<std::string> argv{bin / "postgres", "-D", directory / "data"};
    for (const auto& setting : std::initializer_list<std::string>{
             "listen_addresses=", "unix_socket_directories=" + directory.native(), "port=5432",
             "max_connections=20", "shared_buffers=64MB", "maintenance_work_mem=64MB",
             // What a crash leaves is removed.
             "fsync=off", "full_page_writes=off", "synchronous_commit=off",
             // Nobody replicates it, and its rows do not change.
             "wal_level=minimal", "max_wal_senders=0", "max_wal_size=512MB", "autovacuum=off",
             // Compiled code is refused where memory is either written or executed.
             "jit=off", "log_min_messages=fatal", "logging_collector=off"}) {
        argv.emplace_back("-c");
        argv.push_back(setting);
    }
    return argv;
}

}  // namespace

ScratchCluster::Directory::Directory(const ScratchOptions& options)
    : path(options.parent / "postgres-XXXXXX") {
    if ((path / ".s.PGSQL.5432").native().size() >= sizeof(sockaddr_un::sun_path))
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

ScratchCluster::Directory::~Directory() {
    std::error_code ignored;  // a failure that brought us here counts
    fs::remove_all(path, ignored);
}

ScratchCluster::ScratchCluster(const ScratchOptions& options, std::stop_token stop)
    : directory_(options) {
    const auto bin = server_programs(options);
    initdb(bin, options.user, stop);
    server_ = std::jthread(
        [this, bin, user = options.user](const std::stop_token& end) { serve(bin, user, end); });
    try {
        wait_until_ready(stop);
    } catch (...) {
        end_server();  // as there will be no destructor
        throw;
    }
}

ScratchCluster::~ScratchCluster() {
    end_server();
}

Settings ScratchCluster::settings(const std::string& database) const {
    return {.host = directory_.path, .database = database, .user = "postgres"};
}

void ScratchCluster::add_role(const std::string& name) const {
    Connection(settings()).query("CREATE ROLE " + sql_name(name));
}

void ScratchCluster::initdb(const fs::path& bin, const std::string& user,
                            const std::stop_token& stop) const {
    run_as_user(user, [&] {
        // Nobody but its user and root can come to the socket, so all are trusted.
        const auto finished = run(
            {.argv = {bin / "initdb", "--pgdata", directory_.path / "data", "--auth=trust",
                      "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"},
             .environment = {{"LC_ALL", "C.UTF-8"}},
             .timeout = time_to_make},
            stop);
        if (!finished.ok())
            throw Error(
                Errc::environment,
                fmt::format("initdb in '{}': {}", directory_.path.native(), finished.reason()),
                fmt::format("is there room, and can user '{}' go through all directories "
                            "above it?",
                            user));
    });
}

void ScratchCluster::serve(const fs::path& bin, const std::string& user,
                           const std::stop_token& stop) {
    std::string why;
    try {
        run_as_user(user, [&] {
            why = run({.argv = server_command(bin, directory_.path),
                       .environment = {{"LC_ALL", "C.UTF-8"}}},
                      stop)
                      .reason();
        });
    } catch (const std::exception& error) {
        why = describe(error);
    }
    const std::lock_guard lock(mutex_);
    ended_ = true;
    why_ = std::move(why);
    changed_.notify_all();
}

bool ScratchCluster::ready() const {
    // The eighth line of it is the state: what pg_ctl waits for, too.
    std::ifstream file(directory_.path / "data/postmaster.pid");
    std::string line;
    for (int i = 0; i < 8; ++i)
        if (!std::getline(file, line)) return false;
    return line.starts_with("ready");
}

void ScratchCluster::wait_until_ready(const std::stop_token& stop) {
    const auto deadline = std::chrono::steady_clock::now() + time_to_start;
    std::unique_lock lock(mutex_);
    while (!ready()) {
        changed_.wait_for(lock, stop, look_interval, [this] { return ended_; });
        if (stop.stop_requested())
            throw Error(Errc::cancelled, "the start of a scratch PostgreSQL was cancelled");
        if (ended_ || std::chrono::steady_clock::now() > deadline)
            throw Error(Errc::environment,
                        fmt::format("a scratch PostgreSQL in '{}' does not start: {}",
                                    directory_.path.native(),
                                    ended_ ? why_ : std::string("it is not ready in time")));
    }
}

void ScratchCluster::end_server() {
    if (!server_.joinable()) return;
    pid_t postmaster = 0;
    std::ifstream(directory_.path / "data/postmaster.pid") >> postmaster;
    {
        std::unique_lock lock(mutex_);
        // Its own way to stop at once: a kill would leave a segment of shared memory.
        if (!ended_ && postmaster > 0) ::kill(postmaster, SIGQUIT);
        if (postmaster > 0) changed_.wait_for(lock, time_to_stop, [this] { return ended_; });
    }
    server_.request_stop();
    server_.join();
}

}  // namespace mastobak::postgres
