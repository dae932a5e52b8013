// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "core/clock.hpp"
#include "scrub/scrub.hpp"

namespace mastobak::daemon {

using OnScrubProgress =
    std::function<void(std::string_view place, const scrub::ReadProgress& progress)>;

/// Reads one slice of each place where a slice is due, at idle priority. An unreadable place does
/// not delay the others. Blocks; one call at a time.
/// Throws Error{cancelled}; the next slice then continues within the interrupted object.
std::vector<scrub::Report> scrub_due_places(const config::Config& config, Clock& clock,
                                            const OnScrubProgress& progress,
                                            const std::stop_token& stop);

/// Returns the scrub state of staging and of each remote that was ever read; if the scrub is
/// enabled, of all remotes.
std::vector<scrub::Summary> read_scrubs(const config::Config& config, Timestamp now);

/// Returns when the next slice may begin.
Timestamp next_slice(const config::Config& config, Timestamp now);

/// Returns the private scratch directory of the scrub.
std::filesystem::path scrub_scratch(const config::Config& config);

}  // namespace mastobak::daemon
