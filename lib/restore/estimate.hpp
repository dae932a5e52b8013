// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>

#include "core/bytes.hpp"

/// How long a restore takes, from what a drill has measured.
namespace mastobak::restore {

/// Times of pieces of work of different sizes, as a line through them: so long for each piece, and
/// so long for each byte of it (least squares). Few numbers, however many pieces.
class TimeFit {
 public:
    void add(Bytes size, std::chrono::nanoseconds took);
    TimeFit& operator+=(const TimeFit& other);

    std::uint64_t count() const { return count_; }
    std::chrono::nanoseconds total() const { return std::chrono::nanoseconds(took_); }
    /// In nanoseconds; never negative.
    double each() const;
    double per_byte() const;

 private:
    // The sums that a line needs.
    std::uint64_t count_ = 0;
    std::int64_t took_ = 0;
    double size_ = 0, size_size_ = 0, size_took_ = 0;
};

/// What a drill has measured on this host, in nanoseconds; 0 where there was nothing to measure.
struct RestoreRates {
    double request = 0;       ///< each request to a remote
    double fetched_byte = 0;  ///< and each byte that it brings
    double dump_byte = 0;     ///< decompressed and loaded, counted in the dump as pg_dump wrote it
    double file = 0;          ///< each file of the media, by one of the threads of a restore
    double media_byte = 0;    ///< each byte of them, likewise
    double written_byte = 0;  ///< until it is on the disk, after all have been written
};

/// What is restored.
struct RestoreAmounts {
    Bytes dump{};     ///< as pg_dump wrote it
    Bytes fetched{};  ///< over a network
    std::uint64_t requests = 0;
    std::uint64_t files = 0;
    Bytes media{};
};

struct RestoreEstimate {
    std::chrono::nanoseconds fetch{0};
    std::chrono::nanoseconds database{0};
    std::chrono::nanoseconds media{0};  ///< without fetching them

    std::chrono::nanoseconds total() const { return fetch + database + media; }
};

/// One thing after the other, as restore_set() works.
/// \param rates hostile ones, from a file, give a time that is wrong, but one
RestoreEstimate estimate(const RestoreRates& rates, const RestoreAmounts& amounts);

}  // namespace mastobak::restore
