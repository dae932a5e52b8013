// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/estimate.hpp"

#include <algorithm>

namespace mastobak::backup {
namespace {

/// A dump has this share of the size of its database, which includes indexes.
constexpr double share_of_dump = 0.2;
/// A difference after a day has this share of the size of a dump.
constexpr double share_of_difference = 0.03;
/// Bytes of a database that are dumped, and then counted and read again, in a second.
constexpr double dumped_per_second = 60e6;
/// Seconds for each file that is read, and for each that a night without a change journal compares.
constexpr double read_file = 0.3e-3, compare_file = 0.01e-3;
/// Seconds for the rest of a night: preflight, units, publication.
constexpr double rest = 10;
constexpr double usual_written_per_second = 100e6;
/// Nights of the default retention within a month, and the average share of their differences.
constexpr double kept_differences = 11, share_of_kept_difference = 0.1;

Bytes times(Bytes bytes, double factor) {
    // Sizes are hostile: a double beyond 2^64 has no integer.
    return {static_cast<std::uint64_t>(std::min(static_cast<double>(bytes.count) * factor, 1e18))};
}

std::chrono::nanoseconds seconds(double number) {
    // 10^9 s are 30 years.
    return std::chrono::nanoseconds(static_cast<std::int64_t>(std::min(number, 1e9) * 1e9));
}

}  // namespace

Estimate estimate(const InstanceSize& size, Bytes written_per_second) {
    const auto dump_seconds = static_cast<double>(size.database.count) / dumped_per_second;
    const auto rate = written_per_second.count > 0 ? static_cast<double>(written_per_second.count)
                                                   : usual_written_per_second;
    const auto files = static_cast<double>(size.files);
    // Media are read from a disk and written to a disk, often the same.
    const auto copy = [rate](Bytes bytes) { return 2 * static_cast<double>(bytes.count) / rate; };
    Estimate made;
    made.first.database = times(size.database, share_of_dump);
    made.first.media = size.media;
    made.first.took = seconds(rest + dump_seconds + files * read_file + copy(size.media));
    made.usual.database = times(made.first.database, share_of_difference);
    made.usual.media = size.media_a_day;
    const auto new_files = size.media.count == 0
                               ? 0
                               : files * static_cast<double>(size.media_a_day.count) /
                                     static_cast<double>(size.media.count);
    made.usual.took = seconds(rest + dump_seconds + files * compare_file + new_files * read_file +
                              copy(size.media_a_day));
    made.month = made.first.media + times(size.media_a_day, 30) +
                 times(made.first.database, 2 + kept_differences * share_of_kept_difference);
    return made;
}

}  // namespace mastobak::backup
