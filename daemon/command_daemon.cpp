// SPDX-License-Identifier: GPL-3.0-or-later
#include <spdlog/spdlog.h>

#include "daemon/command.hpp"
#include "daemon/daemon.hpp"
#include "daemon/logging.hpp"

namespace mastobak::daemon {

int command_daemon(const Options& options) {
    auto log = make_logger(options.verbose);
    Daemon daemon(load_config(options), log);
    return daemon.run();
}

}  // namespace mastobak::daemon
