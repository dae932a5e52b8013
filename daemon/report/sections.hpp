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

/// How full a place was, at different times.
using Measurements = std::vector<std::pair<Timestamp, Bytes>>;

/// Returns by how many bytes a day a place grows (negative: it shrinks), by a line through the
/// measurements of the last 60 days; nullopt for fewer than three, or over less than two days.
std::optional<double> growth_per_day(const Measurements& measurements, Timestamp now);

/// Returns when a place is full at that rate; nullopt when it does not grow, and when that is more
/// than ten years away.
/// \param free bytes that are still free
std::optional<Timestamp> full_at(double growth_per_day, Bytes free, Timestamp now);

/// Returns a section with a title; nothing when it has no contents.
Html section(std::string_view title, const Html& contents);

}  // namespace mastobak::daemon::report
