// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <spdlog/fwd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "async/job.hpp"
#include "async/task.hpp"
#include "core/clock.hpp"
#include "core/instance.hpp"
#include "daemon/records/daemon_state.hpp"
#include "daemon/records/health.hpp"
#include "daemon/records/notifications.hpp"
#include "notify/outbox.hpp"

namespace mastobak::daemon {

/// Notifies the targets of `notify:`. Lives on the event loop; each target has a thread of its own,
/// so that a target that hangs delays neither another target nor other work. No function throws,
/// and a failure to notify is only logged.
class Notifier {
 public:
    Notifier(boost::asio::io_context& loop, const Clock& clock, std::shared_ptr<spdlog::logger> log,
             std::filesystem::path state_directory, Instance instance = {});
    ~Notifier();

    /// Takes the targets of a configuration. Messages for other targets are dropped.
    void configure(std::vector<notify::NotifyTarget> targets);

    /// Queues a message for every target that wants the event, and returns at once.
    void send(const notify::Message& message);
    /// Queues what targets have to know of a change of health.
    /// \param may_heal false while a run is in progress, see notify::health_news()
    void update(const Health& health, const History& history, const config::Alerts& alerts,
                bool may_heal);

    /// Sends the queued messages. Ends only when it is cancelled.
    async::Task<> keep();
    /// Returns whether a message is being sent, or was not attempted yet and is due.
    bool busy() const;
    /// Cancels what is being sent; it stays queued. The loop continues until that has ended.
    void stop();

    /// Starts to send test messages.
    /// \param target its name; empty: all targets
    /// \return the id of the test
    /// Throws Error{usage} when there is no such target, Error{busy} when a test is in progress.
    std::string test(const std::string& target);
    const NotifyTest& last_test() const { return test_; }

 private:
    struct Sender;

    void start_due();
    void begin(const notify::NotifyTarget& target, notify::Letter letter);
    void ended(const std::string& target, std::uint64_t id, std::exception_ptr failure);
    void save();
    async::Task<> run_test(std::vector<notify::NotifyTarget> targets);

    boost::asio::io_context& loop_;
    const Clock& clock_;
    const std::shared_ptr<spdlog::logger> log_;
    const std::filesystem::path file_;
    const Instance instance_;
    boost::asio::steady_timer changed_;  ///< cancelled when a letter may be due
    notify::Outbox outbox_;
    std::vector<notify::NotifyTarget> targets_;
    std::map<std::string, std::unique_ptr<Sender>> senders_;  ///< by the name of the target
    NotifyTest test_{.done = true};
    boost::asio::thread_pool test_pool_{1};
    async::Job<> test_job_;
    bool stopping_ = false;
};

/// Returns the targets of that name, or all if it is empty. Throws Error{usage} when there is none.
std::vector<notify::NotifyTarget> targets_called(const std::vector<notify::NotifyTarget>& targets,
                                                 const std::string& name);

/// Sends test messages to targets, one of each event that a target wants, up to its first failure.
/// Blocks. Throws Error{cancelled} only.
std::vector<NotifyResult> test_targets(const std::vector<notify::NotifyTarget>& targets,
                                       Timestamp now, const Instance& instance,
                                       std::stop_token stop);

}  // namespace mastobak::daemon
