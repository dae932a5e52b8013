// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/report/html.hpp"
#include "daemon/report/report.hpp"

/// The sections of the report, from the top to the bottom. Each returns a complete element, or
/// nothing when there is nothing to show.
namespace mastobak::daemon::report {

Html header(const Facts& facts);
Html tiles(const Facts& facts);
Html nights_section(const Facts& facts);
Html charts_section(const Facts& facts);
Html room_section(const Facts& facts);
Html remotes_section(const Facts& facts);
Html drills_section(const Facts& facts);
Html retention_section(const Facts& facts);
Html warnings_section(const Facts& facts);

/// Returns a section with a title; nothing when it has no contents.
Html section(std::string_view title, const Html& contents);

}  // namespace mastobak::daemon::report
