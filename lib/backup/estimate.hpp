// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>

#include "core/bytes.hpp"

/// Estimates what nights take before there was one.
namespace mastobak::backup {

/// How much an instance has.
struct InstanceSize {
    Bytes database{};  ///< on the disk of its server
    std::uint64_t files = 0;
    Bytes media{};        ///< as packs
    Bytes media_a_day{};  ///< the part of it that is new on one day
};

/// What a night takes.
struct NightEstimate {
    Bytes database{};  ///< of the set's dump
    Bytes media{};     ///< of its new packs
    std::chrono::nanoseconds took{0};

    Bytes total() const { return database + media; }
};

struct Estimate {
    NightEstimate first{};
    NightEstimate usual{};
    /// Room for the sets of the first month, with a base that is replaced once.
    Bytes month{};
};

/// Estimates the first night, a usual night and a month. The ratios were measured on databases of
/// Mastodon's schema (tests/bench/bars: dump, dump-delta, media-first).
/// \param written_per_second bytes that staging's disk writes in a second; 0: not known
Estimate estimate(const InstanceSize& size, Bytes written_per_second);

}  // namespace mastobak::backup
