// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "config/config.hpp"

namespace mastobak::backup {

/// Checks, one remote after the other, that each can be reached and written to.
/// \param limit time limit for each remote
/// \return a line for each remote that failed. This is not an error, because a set that is not
///        off-site yet is better than no set
/// Throws Error{cancelled}.
async::Task<std::vector<std::string>> ask_remotes(config::Config config,
                                                  boost::asio::thread_pool& pool,
                                                  std::chrono::seconds limit);

}  // namespace mastobak::backup
