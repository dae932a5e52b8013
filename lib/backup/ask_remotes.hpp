// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "config/config.hpp"

namespace mastobak::backup {

/// Asks each remote, one after the other, whether it can be reached and written to.
/// \param limit for each one's answer
/// \return a line for each one that cannot: a set that is not off-site yet is better than none, so
///         this does not stop a night
/// Throws Error{cancelled}.
async::Task<std::vector<std::string>> ask_remotes(config::Config config,
                                                  boost::asio::thread_pool& pool,
                                                  std::chrono::seconds limit);

}  // namespace mastobak::backup
