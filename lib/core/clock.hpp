// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mastobak {

/// An instant of UTC, with nanoseconds.
using Timestamp = std::chrono::sys_time<std::chrono::nanoseconds>;

/// A time of a file as the kernel gives it, which knows more years than 64 bits of nanoseconds do:
/// what lies outside of the years 1677 to 2262 becomes the nearest time that lies inside.
Timestamp time_of_file(std::int64_t seconds, std::int64_t nanoseconds);
/// Whether it is the first or the last that time_of_file() gives: the file has another one.
bool is_at_limit(Timestamp time);

/// Where the time comes from, so that tests can say what it is.
class Clock {
 public:
    virtual ~Clock() = default;
    virtual Timestamp now() const = 0;
    /// Never goes back; its zero means nothing.
    virtual std::chrono::steady_clock::time_point steady() const = 0;
};

class SystemClock final : public Clock {
 public:
    Timestamp now() const override { return std::chrono::system_clock::now(); }
    std::chrono::steady_clock::time_point steady() const override {
        return std::chrono::steady_clock::now();
    }
};

/// "20261122T030000Z": how sets are named; whole seconds.
std::string to_set_name(Timestamp time);
std::optional<Timestamp> parse_set_name(std::string_view name);

/// "2026-11-22T03:00:00.123456789Z", trailing zeros of the fraction left out: how manifests say it.
std::string to_iso8601(Timestamp time);
std::optional<Timestamp> parse_iso8601(std::string_view text);

/// "1.2 s", "3 min 20 s", "2 h 5 min", "3 d 4 h": for people.
std::string to_text(std::chrono::nanoseconds duration);

/// "2026-11-22 03:00:00 +0100" in this host's time zone: for people.
std::string to_local_text(Timestamp time);

}  // namespace mastobak
