// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace mastobak::instance {

/// xoshiro256++: faster than the disk, and with the same results on every machine (unlike the
/// distributions of <random>).
class Random {
 public:
    explicit Random(std::uint64_t seed);

    std::uint64_t next();
    /// Returns a number in [0, 1).
    double uniform();
    /// Returns a number in [0, limit).
    std::uint64_t below(std::uint64_t limit) { return next() % limit; }
    /// Returns a normally distributed number with mean 0 and standard deviation 1.
    double normal();
    /// Returns 16 lower-case hexadecimal digits, like SecureRandom.hex(8), which names Mastodon's
    /// files.
    std::string hex16();
    /// Fills a block with bytes that do not compress and do not repeat.
    void fill(std::span<std::byte> bytes);

 private:
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace mastobak::instance
