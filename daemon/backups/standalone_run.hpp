// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <spdlog/fwd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "async/job.hpp"
#include "async/task.hpp"
#include "config/config.hpp"
#include "core/clock.hpp"
#include "daemon/backups/backups.hpp"
#include "daemon/cli/command.hpp"
#include "daemon/jobs/notifier.hpp"
#include "daemon/logging.hpp"
#include "daemon/records/history.hpp"
#include "offsite/worker.hpp"

namespace mastobak::daemon {

/// Notifies the targets of `notify:` of a run that the daemon does not make. A daemon that runs
/// sends the messages, because it knows what the targets know. Otherwise this process sends them;
/// what it cannot send stays queued for the next run and the daemon. Lives on the event loop.
class StandaloneNotices {
 public:
    /// All references have to outlive this.
    StandaloneNotices(boost::asio::io_context& loop, const Options& options,
                      const config::Config& config, const Clock& clock,
                      std::shared_ptr<spdlog::logger> log);

    /// Announces that a run has begun, which is in the history. Returns at once.
    void begun(const RunRecord& record);
    /// Announces that it has ended, which is in the history.
    async::Task<> ended(RunRecord record);
    /// Returns whether this process sends messages.
    bool sends() const { return notifier_.has_value(); }
    /// Announces what has changed in the health of this host, and waits until each target was tried
    /// once. Only if sends().
    /// \param offsite the state of the remotes
    /// \param stop shortens the wait
    async::Task<> finish(std::vector<offsite::RemoteState> offsite, std::stop_token stop);
    /// Stops what begun() has started.
    void stop();

 private:
    async::Task<> begin(RunRecord record);
    async::Task<bool> told_daemon(std::string id);
    Notifier& own();

    boost::asio::io_context& loop_;
    const Options& options_;
    const config::Config& config_;
    const Clock& clock_;
    const std::shared_ptr<spdlog::logger> log_;
    const std::shared_ptr<LastLines> last_lines_;
    boost::asio::thread_pool pool_{1};  ///< for calls of a daemon that may hang
    std::optional<Notifier> notifier_;
    async::Job<> beginning_, keeping_;
    bool begun_ = false;
};

/// `run --standalone`: makes a set, or a dry run, in this process, and returns its record.
/// Throws Error when the run cannot begin.
RunRecord run_standalone(const Options& options, const RunRequest& request,
                         const Backups::OnProgress& show);

}  // namespace mastobak::daemon
