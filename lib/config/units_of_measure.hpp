// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "core/bytes.hpp"

namespace mastobak::config {

/// Reads "90 s", "5 min", "2 h", "1 d", "1 h 30 min" and "0": whole numbers, each with its unit.
/// \return nullopt for any other text, also for a number without a unit
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// Reads "512 MiB", "10 GB" and "0", as mastobak::parse_bytes does, but no bare number.
std::optional<Bytes> parse_size(std::string_view text);

/// Reads "03:00" and "3:00", 00:00 to 23:59: the time after midnight.
std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text);

}  // namespace mastobak::config
