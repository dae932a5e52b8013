// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/daemon.hpp"

#include <spdlog/spdlog.h>

#include "config/load.hpp"
#include "core/process/reach.hpp"
#include "daemon/cli/subcommand.hpp"
#include "daemon/logging.hpp"
#include "units/notify.hpp"

namespace mastobak::daemon {
namespace {

int command_daemon(const Options& options) {
    auto log = make_logger(options.verbose, LogTo::journal);
    if (const auto why = why_paths_are_open(); !why.empty())
        log->warn(
            "programs that mastobak runs can reach all that the user mastobak can: {}, ignoring",
            why);
    // systemctl status shows this text while the unit has failed, for example after a boot.
    if (const auto loaded = config::load(options.config, options.instance);
        !loaded.problems.empty())
        units::notify::status("UNHEALTHY: no backup is made: " +
                              loaded.problems.front().to_string());
    Daemon daemon(load_config(options), log);
    return daemon.run();
}

const Subcommand daemon_command(190, "daemon", "run the daemon (mastobak.service does this)",
                                command_daemon,
                                {.logs = true, .example = "systemctl enable --now mastobak"});

}  // namespace
}  // namespace mastobak::daemon
