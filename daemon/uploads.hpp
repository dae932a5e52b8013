// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <spdlog/fwd.h>

#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "config/config.hpp"
#include "core/clock.hpp"
#include "offsite/worker.hpp"

namespace mastobak::daemon {

/// The upload worker as the configuration describes it, with its events in the log.
class Uploads {
 public:
    Uploads(const config::Config& config, boost::asio::thread_pool& pool, Clock& clock,
            std::shared_ptr<spdlog::logger> log);

    void add(const std::string& set) { worker_.add(set); }
    void retry_now() { worker_.retry_now(); }
    async::Task<> run() { return worker_.run(); }
    async::Task<> drain() { return worker_.drain(); }
    std::vector<offsite::RemoteState> state() const { return worker_.state(); }

 private:
    offsite::Worker worker_;
};

/// Where the worker keeps what has to survive it.
std::filesystem::path queue_directory(const config::Config& config);

}  // namespace mastobak::daemon
