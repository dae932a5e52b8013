// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>

#include "core/bytes.hpp"

/// Estimates how long a restore takes, from what a drill has measured.
namespace mastobak::restore {

/// Fits a line through the times of work items of different sizes (least squares): a constant time
/// for each item, and a time for each byte of it. Its memory does not grow with the number of
/// items.
class TimeFit {
 public:
    /// Adds a finished item.
    /// \param size size of the item
    /// \param took how long the item took
    void add(Bytes size, std::chrono::nanoseconds took);
    TimeFit& operator+=(const TimeFit& other);

    std::uint64_t count() const { return count_; }
    std::chrono::nanoseconds total() const { return std::chrono::nanoseconds(took_); }
    /// The constant time for each item, in nanoseconds; never negative.
    double each() const;
    /// The time for each byte, in nanoseconds; never negative.
    double per_byte() const;

 private:
    // The sums that least squares needs.
    std::uint64_t count_ = 0;
    std::int64_t took_ = 0;
    double size_ = 0, size_size_ = 0, size_took_ = 0;
};

/// The times that a drill has measured on this host, in nanoseconds; 0 for a time that it could not
/// measure.
struct RestoreRates {
    double request = 0;       ///< for each request to a remote
    double fetched_byte = 0;  ///< for each byte that a request transfers
    /// for decompressing and loading each byte of the dump, counted as pg_dump wrote it
    double dump_byte = 0;
    /// for restoring each media file, in one of the threads of a restore
    double file = 0;
    double media_byte = 0;    ///< for restoring each byte of media, in one of the threads
    double written_byte = 0;  ///< for syncing each written byte to the disk at the end
};

/// How much a restore has to restore.
struct RestoreAmounts {
    Bytes dump{};     ///< size of the dump as pg_dump wrote it
    Bytes fetched{};  ///< bytes that come over the network
    std::uint64_t requests = 0;
    std::uint64_t files = 0;
    Bytes media{};
};

/// How long a restore takes, by its steps.
struct RestoreEstimate {
    std::chrono::nanoseconds fetch{0};
    std::chrono::nanoseconds database{0};
    std::chrono::nanoseconds media{0};  ///< without fetching the packs

    std::chrono::nanoseconds total() const { return fetch + database + media; }
};

/// Adds up the times of the steps, because restore_set() takes one step after the other.
/// \param rates may be hostile, because they are read from a file: the estimate is then wrong, but
///              finite and not negative
RestoreEstimate estimate(const RestoreRates& rates, const RestoreAmounts& amounts);

}  // namespace mastobak::restore
