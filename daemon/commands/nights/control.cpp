// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/text.hpp"
#include "daemon/backups/in_daemon.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/subcommand.hpp"

namespace mastobak::daemon {
namespace {

int command_cancel(const Options& options) {
    InDaemon daemon(options);
    if (!daemon.state().running) {
        say("no run is in progress\n");
        return 0;
    }
    daemon.cancel();
    say("the run is being cancelled; mastobak status says when it has ended\n");
    return 0;
}

int command_upload(const Options& options) {
    InDaemon daemon(options);
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

const Subcommand cancel_command(20, "cancel", "cancel the run in progress", command_cancel,
                                {.example = "mastobak cancel"});
const Subcommand upload_command(
    160, "upload", "start the queued uploads now, without waiting for the next attempt",
    command_upload, {.example = "mastobak upload"});

}  // namespace
}  // namespace mastobak::daemon
