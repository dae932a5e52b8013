// SPDX-License-Identifier: GPL-3.0-or-later

#include "daemon/command.hpp"
#include "daemon/daemon_client.hpp"
#include "daemon/output.hpp"

namespace mastobak::daemon {

int command_cancel(const Options&) {
    DaemonClient daemon;
    if (!daemon.state().running) {
        say("no run is going on\n");
        return 0;
    }
    daemon.cancel();
    say("the run is being cancelled; mastobak status says when it has ended\n");
    return 0;
}

int command_upload(const Options&) {
    DaemonClient().upload();
    say("what is queued is being tried; mastobak status shows how far it is\n");
    return 0;
}

}  // namespace mastobak::daemon
