// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/clock.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <condition_variable>
#include <ctime>
#include <limits>
#include <mutex>

namespace mastobak {
namespace {

using std::chrono::seconds;

std::tm utc(Timestamp time) {
    const auto whole = std::chrono::floor<seconds>(time).time_since_epoch().count();
    const std::time_t t = whole;
    std::tm tm{};
    ::gmtime_r(&t, &tm);
    return tm;
}

// The years that a backup can have. Nanoseconds in 64 bits overflow in 2262.
constexpr int first_year = 1970, last_year = 2200;

// Checks each field: timegm() would accept month 13 as January.
std::optional<Timestamp> from_fields(int year, int month, int day, int hour, int minute,
                                     int second) {
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (year < first_year || year > last_year) return std::nullopt;
    if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    return Timestamp{std::chrono::sys_days{date} + std::chrono::hours{hour} +
                     std::chrono::minutes{minute} + seconds{second}};
}

bool digits(std::string_view text, std::string_view pattern) {
    if (text.size() != pattern.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (pattern[i] == '0' ? !digit : text[i] != pattern[i]) return false;
    }
    return true;
}

int number(std::string_view text, std::size_t at, std::size_t size) {
    int value = 0;
    for (char c : text.substr(at, size)) value = value * 10 + (c - '0');
    return value;
}

constexpr std::int64_t farthest = std::numeric_limits<std::int64_t>::max() / 1'000'000'000 - 1;

}  // namespace

Timestamp time_of_file(std::int64_t whole, std::int64_t nanoseconds) {
    if (whole >= farthest) return Timestamp(seconds(farthest));
    if (whole <= -farthest) return Timestamp(seconds(-farthest));
    return Timestamp(seconds(whole)) + std::chrono::nanoseconds(nanoseconds);
}

bool is_at_limit(Timestamp time) {
    return time == Timestamp(seconds(farthest)) || time == Timestamp(seconds(-farthest));
}

std::string to_set_name(Timestamp time) {
    return fmt::format("{:%Y%m%dT%H%M%SZ}", utc(time));
}

std::optional<Timestamp> parse_set_name(std::string_view name) {
    if (!digits(name, "00000000T000000Z")) return std::nullopt;
    // No leap second: the system clock never has one, and the name would be a second name of the
    // next minute.
    if (number(name, 13, 2) > 59) return std::nullopt;
    return from_fields(number(name, 0, 4), number(name, 4, 2), number(name, 6, 2),
                       number(name, 9, 2), number(name, 11, 2), number(name, 13, 2));
}

std::string to_iso8601(Timestamp time) {
    auto fraction = fmt::format("{:09}", (time - std::chrono::floor<seconds>(time)).count());
    while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}{}{}Z", utc(time), fraction.empty() ? "" : ".",
                       fraction);
}

std::optional<Timestamp> parse_iso8601(std::string_view text) {
    if (text.size() < 20 || text.back() != 'Z' ||
        !digits(text.substr(0, 19), "0000-00-00T00:00:00"))
        return std::nullopt;
    auto time = from_fields(number(text, 0, 4), number(text, 5, 2), number(text, 8, 2),
                            number(text, 11, 2), number(text, 14, 2), number(text, 17, 2));
    auto fraction = text.substr(19, text.size() - 20);
    if (!time || fraction.empty()) return time;
    if (fraction.size() < 2 || fraction.size() > 10 || fraction.front() != '.') return std::nullopt;
    std::int64_t nanoseconds = 0;
    for (std::size_t i = 1; i < 10; ++i) {
        const char c = i < fraction.size() ? fraction[i] : '0';
        if (c < '0' || c > '9') return std::nullopt;
        nanoseconds = nanoseconds * 10 + (c - '0');
    }
    return *time + std::chrono::nanoseconds{nanoseconds};
}

std::string to_text(std::chrono::nanoseconds duration) {
    using namespace std::chrono;
    if (duration < 0ns) return "-" + to_text(-duration);
    if (duration < 1s) return fmt::format("{} ms", duration_cast<milliseconds>(duration).count());
    if (duration < 1min)
        return fmt::format("{:.1f} s",
                           duration_cast<std::chrono::duration<double>>(duration).count());
    const auto s = duration_cast<seconds>(duration).count();
    if (duration < 1h) return fmt::format("{} min {} s", s / 60, s % 60);
    if (duration < 24h) return fmt::format("{} h {} min", s / 3600, s / 60 % 60);
    return fmt::format("{} d {} h", s / 86400, s / 3600 % 24);
}

void wait_or_stop(std::chrono::nanoseconds duration, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, duration, [] { return false; });
}

std::string to_local_text(Timestamp time) {
    const std::time_t t = std::chrono::floor<seconds>(time).time_since_epoch().count();
    std::tm tm{};
    ::localtime_r(&t, &tm);
    return fmt::format("{:%Y-%m-%d %H:%M:%S %z}", tm);
}

}  // namespace mastobak
