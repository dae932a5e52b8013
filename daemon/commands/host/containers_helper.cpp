// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "config/load.hpp"
#include "containers/helper/server.hpp"
#include "core/error.hpp"
#include "core/process/accounts.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/stop_on_signal.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/privileges.hpp"
#include "postgres/scratch/scratch_settings.hpp"
#include "units/descriptor_store.hpp"

namespace mastobak::daemon {
namespace fs = std::filesystem;
namespace {

constexpr auto daemons_user = "mastobak", user_of_drills = "mastobak-drill";

/// Returns the PostgreSQL of drills in containers. A rootless engine, whose helper is not root, cannot
/// run it: its containers have other users than the host, and peer authentication needs the host's.
containers::DrillServer drill_server() {
    const auto server = account_named(user_of_drills);
    const auto reader = account_named(daemons_user);
    if (::geteuid() != 0 || !server || !reader) return {};
    containers::DrillServer drill{.user = fmt::format("{}:{}", server->user, server->group),
                                  .reader = fmt::format("{}:{}", reader->user, reader->group)};
    drill.command = postgres::scratch_command({.data = drill.places.data,
                                               .sockets = drill.places.sockets,
                                               .alive = drill.places.alive(),
                                               .trusted = {"root", daemons_user},
                                               .user = server->name});
    return drill;
}

/// Reads the configuration as far as it is valid: a mistake in another section must not keep the
/// containers down.
containers::Helper::Permission permission_of(const fs::path& file) {
    check_only_root_writes(file);
    const auto config = config::load(file).config;
    const auto& compose = config.mastodon.compose;
    containers::Helper::Permission permission;
    permission.scope.project = compose.project;
    permission.scope.database = config.database.dump_service();
    permission.engine = compose.socket;
    permission.drill = drill_server();
    for (const auto* services : {&compose.web, &compose.streaming, &compose.sidekiq})
        for (const auto& service : *services) permission.scope.services.push_back(service);
    return permission;
}

// systemd starts this for the first connection to mastobak-containers.socket. It ends when it is
// idle.
int command_containers_helper(const Options& options) {
    const auto sockets = units::take_stored_descriptors();
    if (sockets.size() != 1)
        throw Error(Errc::usage, "this command is only for mastobak-containers.service");
    const auto user = account_named(daemons_user);
    if (!user) throw Error(Errc::environment, fmt::format("there is no user '{}'", daemons_user));
    const StopOnSignal signals;
    containers::Helper helper(
        [file = fs::absolute(options.config)] { return permission_of(file); });
    const auto refused = [](const std::string& why) { say_error("<4>refused: {}\n", why); };
    containers::serve(sockets.front().fd.get(), helper,
                      {.clients = {0, user->user}, .refused = refused}, signals.token());
    return 0;
}

const Subcommand containers_helper_command(240, "containers-helper",
                                           "controls containers for the daemon",
                                           command_containers_helper, {.listed = false});

}  // namespace
}  // namespace mastobak::daemon
