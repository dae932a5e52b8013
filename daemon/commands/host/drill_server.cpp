// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "core/error.hpp"
#include "core/files/unique_fd.hpp"
#include "daemon/cli/stop_on_signal.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/scratch_directory.hpp"
#include "postgres/scratch/scratch_server.hpp"
#include "postgres/scratch/scratch_unit.hpp"
#include "units/notify.hpp"

namespace mastobak::daemon {
namespace {

namespace fs = std::filesystem;

constexpr int look_interval_ms = 200;

fs::path directory_from(const char* variable) {
    const char* value = std::getenv(variable);
    if (value == nullptr)
        throw Error(Errc::usage, fmt::format("{} is not set", variable),
                    "mastobak-drill@.service runs this command");
    return value;
}

UniqueFd process(pid_t pid) {
    UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!fd) throw errno_error(Errc::usage, fmt::format("watch process {}", pid), errno);
    return fd;
}

// Serves until systemd sends a signal, the process of the drill ends, or the server ends.
struct DrillServerRequest {
    /// Instance name of the unit (postgres::parse_scratch_instance); empty: removes the remains of
    /// earlier servers.
    std::string instance{};
    std::string trusted{};  ///< the user besides root who may log in as the superuser
};

void add_drill_server_options(CLI::App& app, Options&, DrillServerRequest& request) {
    app.add_option("INSTANCE", request.instance);
    app.add_option("USER", request.trusted);
}

int command_drill_server(const Options&, const DrillServerRequest& request) {
    const auto& [instance_name, trusted] = request;
    const StopOnSignal signals;
    const auto state = directory_from("STATE_DIRECTORY");
    // A hostile database may have run programs, which left files here.
    ScratchDirectory::remove_leftovers(state);
    if (instance_name.empty()) return 0;
    const auto instance = postgres::parse_scratch_instance(instance_name);
    if (!instance)
        throw Error(Errc::usage, fmt::format("'{}' is not an instance of mastobak-drill@.service",
                                             instance_name));
    const auto owner = process(instance->owner);
    const ScratchDirectory directory(state);
    const postgres::ScratchServer server({.bin_directory = instance->bin_directory,
                                          .parent = directory.path(),
                                          .socket_directory = directory_from("RUNTIME_DIRECTORY"),
                                          .trusted = {"root", trusted},
                                          .contained = true},
                                         signals.token());
    units::notify::ready();
    while (!signals.token().stop_requested() && !server.ended()) {
        pollfd end{owner.get(), POLLIN, 0};
        if (::poll(&end, 1, look_interval_ms) > 0) break;
    }
    units::notify::stopping();
    return 0;
}

// The command of mastobak-drill@.service.
const Subcommand drill_server_command(220, "drill-server", "the PostgreSQL of a drill",
                                      add_drill_server_options, command_drill_server,
                                      {.listed = false});

}  // namespace
}  // namespace mastobak::daemon
