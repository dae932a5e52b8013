// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/command.hpp"
#include "daemon/cli/stop_on_signal.hpp"
#include "restore/drill/boot.hpp"

namespace mastobak::daemon {

// The unit sees only this directory of sockets, and runs as the user of these servers.
int command_drill_boot() {
    const StopOnSignal signals;
    restore::answer_boot("/run/mastobak-drill", signals.token());
    return 0;
}

}  // namespace mastobak::daemon
