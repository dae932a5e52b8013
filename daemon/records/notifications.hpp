// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"
#include "core/clock.hpp"
#include "core/instance.hpp"
#include "daemon/records/daemon_state.hpp"
#include "daemon/records/health.hpp"
#include "notify/message.hpp"

/// The texts of notifications, which name the instance that they are about. All functions are pure,
/// except for the name of this host.
namespace mastobak::daemon {

/// The message that a run has begun.
notify::Message message_of_start(const RunRecord& record, const Instance& instance = {});
/// The message that a run has ended: success, success with warnings, or failure.
/// \param log the last log lines of the run
notify::Message message_of_end(const RunRecord& record, std::string log,
                               const Instance& instance = {});
notify::Message message_of(const DrillRecord& record, Timestamp now, const Instance& instance = {});
/// The message about a change of health.
notify::Message message_of(const notify::HealthNews& news, const Health& health,
                           const History& history, Timestamp now, const Instance& instance = {});

/// Returns the reasons for which a person is needed. A missing first set is a reason only after
/// alerts.stale_after: otherwise, a new installation would begin with an alarm.
std::vector<notify::Reason> reasons_of(const Health& health, const History& history,
                                       const config::Alerts& alerts, Timestamp now);

/// Returns a test message of each event that a target is notified of; the last one is good.
std::vector<notify::Message> test_messages(const notify::NotifyTarget& target, Timestamp now,
                                           const Instance& instance = {});

/// How the test of a target ended.
struct NotifyResult {
    std::string target;
    std::string type;
    std::vector<std::string> sent;  ///< the events
    std::string error;              ///< empty: every message was sent
    std::string hint;

    bool ok() const { return error.empty(); }
};

/// A test of targets.
struct NotifyTest {
    std::string id{};  ///< time of its beginning
    bool done = false;
    std::vector<NotifyResult> results{};
};

}  // namespace mastobak::daemon
