// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "units/unit_control.hpp"

namespace mastobak::daemon {

/// The units of the Mastodon in a directory.
struct UnitsOfDirectory {
    /// In the order in which they are stopped: web, streaming, others, sidekiq.
    std::vector<units::Unit> units{};
    /// Whether mastodon.units needs these names: the usual names would mean other units, too, or
    /// not all of these.
    bool named = false;
};

/// Returns the loaded services that run in a directory, except those that run once (`Type=oneshot`).
/// When there are none, returns the units with Mastodon's usual names.
/// Throws Error{environment} when all units with these names run in another directory.
async::Task<UnitsOfDirectory> units_of_directory(units::UnitControl& control,
                                                 std::filesystem::path directory);

}  // namespace mastobak::daemon
