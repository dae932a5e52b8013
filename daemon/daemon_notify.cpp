// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/daemon.hpp"

namespace mastobak::daemon {

void Daemon::notify_of_end(const RunRecord& record) {
    notifier_.send(message_of_end(record, last_lines_->with("run=" + record.id)));
}

// Before the daemon is ready, and without the state of the uploads, the health is not known.
void Daemon::notify_of_health(const State& current, const Health& health) {
    if (!agenda_.ready() || agenda_.stopping() || !uploads_) return;
    const bool may_heal = !current.running;
    notifier_.update(health, history_, config_.alerts, may_heal);
}

}  // namespace mastobak::daemon
