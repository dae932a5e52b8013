// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace mastobak::instance {

/// xoshiro256++: fast enough that the disk is what one waits for, and the same on every machine
/// (the distributions of <random> are not).
class Random {
 public:
    explicit Random(std::uint64_t seed);

    std::uint64_t next();
    /// In [0, 1).
    double uniform();
    /// In [0, limit).
    std::uint64_t below(std::uint64_t limit) { return next() % limit; }
    /// Mean 0, deviation 1.
    double normal();
    /// Lower-case hexadecimal digits, as SecureRandom.hex(8) names Mastodon's files.
    std::string hex16();
    /// Bytes that do not compress and do not repeat.
    void fill(std::span<std::byte> bytes);

 private:
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace mastobak::instance
