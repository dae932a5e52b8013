// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace mastobak {

/// An instant of UTC, with nanoseconds.
using Timestamp = std::chrono::sys_time<std::chrono::nanoseconds>;

/// Converts a file time of the kernel, in seconds and nanoseconds since 1970. Its range exceeds 64
/// bits of nanoseconds, so a time outside of the years 1677 to 2262 becomes the nearest time in
/// that range.
Timestamp time_of_file(std::int64_t seconds, std::int64_t nanoseconds);
/// Returns whether a time is the first or the last of that range: the file's real time may be
/// outside of it.
bool is_at_limit(Timestamp time);

/// The source of the current time; tests replace it.
class Clock {
 public:
    virtual ~Clock() = default;
    virtual Timestamp now() const = 0;
    /// Returns the time of a monotonic clock, whose epoch is arbitrary.
    virtual std::chrono::steady_clock::time_point steady() const = 0;
};

class SystemClock final : public Clock {
 public:
    Timestamp now() const override { return std::chrono::system_clock::now(); }
    std::chrono::steady_clock::time_point steady() const override {
        return std::chrono::steady_clock::now();
    }
};

/// Returns a set's name for a time, in whole seconds of UTC: "20261122T030000Z".
std::string to_set_name(Timestamp time);
/// Reverses to_set_name(). Returns nullopt for any other text, and for years outside of 1970 to
/// 2200.
std::optional<Timestamp> parse_set_name(std::string_view name);

/// Returns the time in the format of manifests: "2026-11-22T03:00:00.123456789Z", without trailing
/// zeros of the fraction.
std::string to_iso8601(Timestamp time);
/// Reverses to_iso8601(). Returns nullopt for any other text, and for years outside of 1970 to
/// 2200.
std::optional<Timestamp> parse_iso8601(std::string_view text);

/// Returns a duration for people to read: "1.2 s", "3 min 20 s", "2 h 5 min", "3 d 4 h".
std::string to_text(std::chrono::nanoseconds duration);

/// Waits for a duration, or until a stop is requested.
void wait_or_stop(std::chrono::nanoseconds duration, const std::stop_token& stop);

/// Returns a time in this host's time zone for people to read: "2026-11-22 03:00:00 +0100".
std::string to_local_text(Timestamp time);

}  // namespace mastobak
