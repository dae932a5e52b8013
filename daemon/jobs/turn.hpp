// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>

#include "async/task.hpp"
#include "backup/steps.hpp"
#include "config/config.hpp"
#include "core/files/unique_fd.hpp"

/// The instances of a host make their runs one after the other: two at once would take longer
/// together, and stop both Mastodons for longer.
namespace mastobak::daemon {

/// Files that runs lock.
struct TurnFiles {
    /// For the turn: that of the host, or one in the runtime directory where the configuration names
    /// another one than its instance has.
    std::filesystem::path host;
    std::filesystem::path own;  ///< by which only one run of an instance is made, see lock_units()
};
TurnFiles turn_files(const config::Config& config);

/// Waits until no run of another instance has the lock of the host, and takes it. While it waits,
/// the observer has the step "turn" and one message. The lock is released with the descriptor, also
/// when its holder dies. Without the lock, a run begins all the same: when the holder is a run of
/// the same instance (lock_units() refuses the second one), when the file cannot be opened, and when
/// the holder was killed but hangs in the kernel.
/// \return nullopt: there is no lock
/// Throws Error{cancelled} after a stop request.
async::Task<std::optional<UniqueFd>> wait_for_turn(TurnFiles files, backup::Observer& observer,
                                                   std::stop_token stop);

}  // namespace mastobak::daemon
