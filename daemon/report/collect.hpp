// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "config/config.hpp"
#include "daemon/report/report.hpp"

namespace mastobak::daemon::report {

/// Reads from the disk what the report shows in addition to the state. Nights before `nights.json`
/// existed are those of the sets in staging. Blocks. Does not throw for what cannot be read: the
/// report then lacks it.
Facts collect(const config::Config& config, State state, Health health, Timestamp now);

/// Writes the page that the daemon keeps: `report.html` in the state directory, readable
/// only for its owner. Blocks. Throws Error{staging}.
void write_report(const std::filesystem::path& state_directory, const Facts& facts);

}  // namespace mastobak::daemon::report
