// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>

#include "bus/object.hpp"
#include "core/instance.hpp"
#include "daemon/control_arguments.hpp"
#include "daemon/records/daemon_state.hpp"
#include "daemon/records/history.hpp"
#include "daemon/records/notifications.hpp"

namespace mastobak::daemon {

/// Serves the D-Bus API (api.hpp): converts method calls to calls of the daemon. The bus decides
/// who may call which method (systemd/org.mastobak.Daemon1.conf).
class Control {
 public:
    struct Actions {
        /// \param note text for the manifest; returns the run's id; throws Error{busy}
        std::function<std::string(std::string note)> start;
        std::function<std::string()> dry_run;  ///< its id; throws Error{busy}
        /// \param by continuation of the error message: " by user 'root'"
        std::function<void(const std::string& by)> cancel;
        std::function<void()> upload;
        std::function<void(backup::PruneOptions)> prune;  ///< throws Error{busy}
        std::function<std::string(DrillRequest)> drill;   ///< its id; throws Error{busy|usage}
        std::function<void(const std::string& set)> added;
        std::function<void(const std::string& id)> ran;
        /// \return the id of the test; throws Error{busy|usage}
        std::function<std::string(const std::string& target)> notify_test;
        std::function<NotifyTest()> last_notify_test;
        std::function<State()> state;
    };

    /// Publishes the object and requests the bus name of the instance. Throws Error{denied} when
    /// another daemon owns it.
    Control(bus::Connection& connection, const Instance& instance, Actions actions);

    void finished(const RunRecord& record);

 private:
    const Actions actions_;
    bus::Exported object_;
};

}  // namespace mastobak::daemon
