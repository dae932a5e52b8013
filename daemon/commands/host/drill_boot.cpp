// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/stop_on_signal.hpp"
#include "daemon/cli/subcommand.hpp"
#include "restore/drill/boot.hpp"

namespace mastobak::daemon {
namespace {

// The unit sees only this directory of sockets, and runs as the user of these servers.
int command_drill_boot(const Options&) {
    const StopOnSignal signals;
    restore::answer_boot("/run/mastobak-drill", signals.token());
    return 0;
}

// The command of mastobak-boot@.service.
const Subcommand drill_boot_command(230, "drill-boot", "Mastodon in a drill", command_drill_boot,
                                    {.listed = false});

}  // namespace
}  // namespace mastobak::daemon
