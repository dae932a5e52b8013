// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>
#include <string>

#include "daemon/records/daemon_state.hpp"
#include "restore/drill/drill.hpp"

namespace mastobak::daemon {

/// The progress of a drill: written by the drill's thread, read by the loop's thread.
class DrillProgressBox {
 public:
    DrillProgressBox(std::string id, Timestamp started_at) {
        state_.id = std::move(id);
        state_.started_at = started_at;
        state_.step = "fetch";
    }
    void put(const restore::DrillProgress& now) {
        const std::lock_guard lock(mutex_);
        state_.step = now.step;
        state_.fraction = now.fraction;
        state_.detail = now.detail;
    }
    RunningState state() const {
        const std::lock_guard lock(mutex_);
        return state_;
    }

 private:
    mutable std::mutex mutex_;
    RunningState state_;
};

}  // namespace mastobak::daemon
