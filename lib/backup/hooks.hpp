// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <map>
#include <string>

#include "async/task.hpp"
#include "config/config.hpp"
#include "core/error.hpp"

namespace mastobak::backup {

/// A hook that is to be run.
struct HookRun {
    std::string name;   ///< "before_run"
    config::Hook hook;  ///< without a command, nothing is run
    /// Variables for the program: "RUN" becomes MASTOBAK_RUN. MASTOBAK_EVENT is the name.
    std::map<std::string, std::string> facts{};
};

/// Runs a hook in the pool: as this process's user, in its sandbox, and with the time limit of the
/// hook.
/// \return why it failed, as an error with its name; empty text: it succeeded, or there is none
/// Cancel: ends the program, throws Error{cancelled}.
async::Task<std::string> run_hook(boost::asio::thread_pool& pool, HookRun run);

/// Returns the error of a run that a failed hook stops.
Error stopped_by_hook(const HookRun& run, const std::string& problem);

}  // namespace mastobak::backup
