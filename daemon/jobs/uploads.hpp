// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <spdlog/fwd.h>

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "config/config.hpp"
#include "core/clock.hpp"
#include "daemon/jobs/retention_job.hpp"
#include "offsite/worker.hpp"

namespace mastobak::daemon {

/// The upload worker that the configuration describes. Logs its events.
class Uploads {
 public:
    /// \param pruning applies `retention:` to a remote when nothing is queued for it; must outlive
    ///        this
    /// \param arrived called when a set is complete at a remote; may be empty
    /// \param begins called when the upload of a set begins; may be empty
    Uploads(const config::Config& config, boost::asio::thread_pool& pool, Clock& clock,
            std::shared_ptr<spdlog::logger> log, Pruning& pruning,
            std::function<void()> arrived = {}, std::function<void()> begins = {});

    void add(const std::string& set) { worker_.add(set); }
    void retry_now() { worker_.retry_now(); }
    /// Applies `retention:` to every remote as soon as nothing is queued for it.
    void prune() { worker_.prune(); }
    async::Task<> run() { return worker_.run(); }
    async::Task<> drain() { return worker_.drain(); }
    std::vector<offsite::RemoteState> state() const { return worker_.state(); }

 private:
    offsite::Worker worker_;
};

}  // namespace mastobak::daemon
