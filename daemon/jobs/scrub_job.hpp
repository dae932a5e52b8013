// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "core/clock.hpp"
#include "scrub/scrub.hpp"

namespace mastobak::daemon {

/// Reads again what is stored, slice by slice, at idle priority. Blocks; one call at a time.
class Scrubber {
 public:
    using OnProgress =
        std::function<void(std::string_view place, const scrub::ReadProgress& progress)>;

    /// A slice of each place of which one is due. A place that cannot be read holds up no other.
    /// Throws Error{cancelled}; an object that was begun is gone on with by the next slice.
    std::vector<scrub::Report> slice(const config::Config& config, Clock& clock,
                                     const OnProgress& progress, const std::stop_token& stop);

 private:
    std::map<std::string, std::optional<scrub::Partial>> partials_;  ///< by place
};

/// What is known of staging and of each remote that was ever read; with a scrub, of all.
std::vector<scrub::Summary> read_scrubs(const config::Config& config, Timestamp now);

/// When the next slice may begin.
Timestamp next_slice(const config::Config& config, Timestamp now);

/// Where the scrub works. \return a directory that is its own
std::filesystem::path scrub_scratch(const config::Config& config);

}  // namespace mastobak::daemon
