// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "core/bytes.hpp"

namespace mastobak::config {

/// Parses a duration: "90 s", "5 min", "2 h", "1 d", "1 h 30 min" or "0". Each whole number has a
/// unit.
/// \return nullopt for any other text, also for a number without a unit and for more than 10 years
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// Parses a size as mastobak::parse_bytes does, but a number has to have a unit: "512 MiB", "10 GB"
/// or "0".
/// \return nullopt for any other text
std::optional<Bytes> parse_size(std::string_view text);

/// Parses a time of day from "00:00" to "23:59"; the hour may have one digit.
/// \return the time since midnight; nullopt for any other text
std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text);

}  // namespace mastobak::config
