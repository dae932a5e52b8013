// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/readable.hpp"
#include "daemon/cli/command.hpp"
#include "daemon/cli/daemon_client.hpp"
#include "daemon/cli/output.hpp"

namespace mastobak::daemon {

int command_cancel(const Options& options) {
    DaemonClient daemon(options);
    if (!daemon.state().running) {
        say("no run is in progress\n");
        return 0;
    }
    daemon.cancel();
    say("the run is being cancelled; mastobak status says when it has ended\n");
    return 0;
}

int command_upload(const Options& options) {
    DaemonClient daemon(options);
    daemon.upload();
    std::size_t queued = 0;
    for (const auto& remote : daemon.state().offsite) queued += remote.queued;
    if (queued == 0)
        say("every set is at every remote\n");
    else
        say("the queued uploads are being tried ({}); mastobak status shows their progress\n",
            counted(queued, "upload"));
    return 0;
}

}  // namespace mastobak::daemon
