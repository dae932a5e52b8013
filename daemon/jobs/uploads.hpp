// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <spdlog/fwd.h>

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>

#include "config/config.hpp"
#include "core/clock.hpp"
#include "daemon/jobs/retention_job.hpp"
#include "offsite/worker.hpp"

namespace mastobak::daemon {

/// Returns the upload worker that the configuration describes. It logs its events.
/// \param pruning applies `retention:` to a remote when nothing is queued for it; must outlive the
///        worker
/// \param arrived called when a set is complete at a remote; may be empty
/// \param begins called when the upload of a set begins; may be empty
std::unique_ptr<offsite::Worker> upload_worker(const config::Config& config,
                                               boost::asio::thread_pool& pool, Clock& clock,
                                               std::shared_ptr<spdlog::logger> log,
                                               Pruning& pruning, std::function<void()> arrived = {},
                                               std::function<void()> begins = {});

}  // namespace mastobak::daemon
