// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <spdlog/fwd.h>

#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "backup/retention/prune.hpp"
#include "config/config.hpp"
#include "core/clock.hpp"
#include "offsite/remote.hpp"

namespace mastobak::daemon {

/// Retention for the daemon and `run --standalone`: runs on a pool, logs a line, and stores its
/// reports (`retention.json` in the state directory).
class Pruning {
 public:
    Pruning(std::filesystem::path state_directory, Clock& clock,
            std::shared_ptr<spdlog::logger> log);

    /// Applies `retention:` to staging.
    /// \param stop when requested, retention ends after the current set or pack
    /// \return the problems, one line each, including a failure; it does not throw
    async::Task<std::vector<std::string>> prune_staging(boost::asio::thread_pool& pool,
                                                        config::Config config,
                                                        backup::PruneOptions options,
                                                        std::stop_token stop);
    /// Does the same for a remote, which must not be used elsewhere meanwhile. Throws only
    /// Error{cancelled}.
    async::Task<> prune_remote(boost::asio::thread_pool& pool, config::Config config,
                               std::shared_ptr<offsite::Remote> remote);

    /// Returns the last report of each place.
    const std::vector<backup::PruneReport>& reports() const { return reports_; }

 private:
    void note(backup::PruneReport report);
    void log(const backup::PruneReport& report, const backup::PruneReport* before);

    const std::filesystem::path file_;
    Clock& clock_;
    const std::shared_ptr<spdlog::logger> log_;
    std::vector<backup::PruneReport> reports_;
};

/// Reads the last report of each place; empty when there are none.
std::vector<backup::PruneReport> read_prune_reports(const std::filesystem::path& state_directory);

}  // namespace mastobak::daemon
