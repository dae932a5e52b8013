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

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "core/process/accounts.hpp"
#include "core/process/privilege.hpp"
#include "core/process/process.hpp"
#include "postgres/scratch/scratch_settings.hpp"

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

void ScratchServer::write_settings() const {
    for (const auto& [name, text] :
         {std::pair<const char*, std::string>{
              "pg_ident.conf",
              scratch_ident(options_.trusted,
                            options_.user.empty() ? user_name(::geteuid()) : options_.user)},
          {"pg_hba.conf", scratch_hba()}}) {
        const auto file = directory_.path / name;
        write_file(file, text, 0600, Errc::environment);
        give_to_user(file, options_.user);
    }
}

void ScratchServer::initdb(const std::stop_token& stop) const {
    const auto finished =
        run({.argv = wall_ + std::vector<std::string>{options_.bin_directory / "initdb"} +
                     scratch_initdb_arguments(directory_.path),
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
    return wall_ + std::vector<std::string>{options_.bin_directory / "postgres"} +
           scratch_server_arguments(directory_.path, options_.socket_directory);
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
