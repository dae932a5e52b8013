// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/bytes.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace mastobak {

std::string to_string(Bytes bytes) {
    static constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes.count < 1024) return fmt::format("{} B", bytes.count);
    auto value = static_cast<double>(bytes.count);
    std::size_t unit = 0;
    while (value >= 1023.95 && unit + 1 < units.size()) {
        value /= 1024;
        ++unit;
    }
    return fmt::format("{:.1f} {}", value, units[unit]);
}

std::optional<Bytes> parse_bytes(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, double>, 18> units{{
        {"", 1},
        {"B", 1},
        {"K", 0x1p10},
        {"KiB", 0x1p10},
        {"kB", 1e3},
        {"KB", 1e3},
        {"M", 0x1p20},
        {"MiB", 0x1p20},
        {"MB", 1e6},
        {"G", 0x1p30},
        {"GiB", 0x1p30},
        {"GB", 1e9},
        {"T", 0x1p40},
        {"TiB", 0x1p40},
        {"TB", 1e12},
        {"P", 0x1p50},
        {"PiB", 0x1p50},
        {"PB", 1e15},
    }};
    double value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc{} || !(value >= 0)) return std::nullopt;  // also "nan"
    auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
    while (unit.starts_with(' ')) unit.remove_prefix(1);
    for (const auto& [name, factor] : units) {
        if (unit != name) continue;
        const double bytes = value * factor;
        if (bytes >= 0x1p63) return std::nullopt;
        return Bytes{static_cast<std::uint64_t>(std::llround(bytes))};
    }
    return std::nullopt;
}

}  // namespace mastobak
