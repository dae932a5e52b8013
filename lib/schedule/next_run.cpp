// SPDX-License-Identifier: GPL-3.0-or-later
#include "schedule/next_run.hpp"

#include <algorithm>
#include <ctime>

namespace mastobak::schedule {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::Monday;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using std::chrono::weekday;
using std::chrono::year_month_day;

/// Returns the offset of local time from UTC at an instant.
seconds utc_offset(sys_seconds time) {
    const std::time_t value = time.time_since_epoch().count();
    std::tm local{};
    ::localtime_r(&value, &local);
    return seconds(local.tm_gmtoff);
}

local_seconds wall_clock(sys_seconds time) {
    return local_seconds(time.time_since_epoch() + utc_offset(time));
}

/// Returns the first instant at which local time is `wanted`. If local time skips `wanted`, returns
/// the first instant after the gap. (For both cases, the result of mktime(3) is unspecified.)
sys_seconds first_instant(local_seconds wanted) {
    // An offset is at most 14 h. So if the offset changes near `wanted`, these two instants are on
    // either side of the change. No time zone has two changes within two days.
    const sys_seconds as_if_utc(wanted.time_since_epoch());
    const auto early = utc_offset(as_if_utc - hours(24));
    const auto late = utc_offset(as_if_utc + hours(24));
    auto shown = sys_seconds::max();
    for (const auto offset : {early, late})
        if (wall_clock(as_if_utc - offset) == wanted) shown = std::min(shown, as_if_utc - offset);
    if (shown != sys_seconds::max()) return shown;

    // Local time skips `wanted`: the change is between these two instants.
    auto before = as_if_utc - late;
    auto after = as_if_utc - early;
    while (after - before > seconds(1)) {
        const auto middle = before + (after - before) / 2;
        (wall_clock(middle) < wanted ? before : after) = middle;
    }
    return after;
}

Timestamp due_on(const Daily& daily, local_days day) {
    return first_instant(day + daily.at) + daily.random_delay;
}

/// Returns the local date at an instant, without the random delay.
local_days day_of(const Daily& daily, Timestamp time) {
    ::tzset();  // localtime_r(3) need not do this itself
    return floor<days>(wall_clock(floor<seconds>(time - daily.random_delay)));
}

local_days first_day_of(Period period, Timestamp time) {
    const auto day = local_day(time);
    switch (period) {
        case Period::day:
            break;
        case Period::week:
            return day - (weekday(day) - Monday);
        case Period::month: {
            const year_month_day date(day);
            return local_days(date.year() / date.month() / 1);
        }
    }
    return day;
}

}  // namespace

Timestamp next_due(const Daily& daily, Timestamp after) {
    auto day = day_of(daily, after) - days(1);
    while (due_on(daily, day) <= after) day += days(1);
    return due_on(daily, day);
}

Timestamp last_due(const Daily& daily, Timestamp now) {
    auto day = day_of(daily, now) + days(1);
    while (due_on(daily, day) > now) day -= days(1);
    return due_on(daily, day);
}

local_days local_day(Timestamp time) {
    ::tzset();
    return floor<days>(wall_clock(floor<seconds>(time)));
}

bool missed(const Daily& daily, std::optional<Timestamp> last_run, Timestamp known_since,
            Timestamp now) {
    const auto due = last_due(daily, now);
    return known_since <= due && (!last_run || *last_run < due);
}

bool due_once_in(Period period, std::optional<Timestamp> last, Timestamp now) {
    return !last || first_day_of(period, *last) != first_day_of(period, now);
}

}  // namespace mastobak::schedule
