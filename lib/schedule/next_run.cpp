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
using std::chrono::seconds;
using std::chrono::sys_seconds;

/// How far the clock on the wall is ahead of UTC at an instant.
seconds utc_offset(sys_seconds time) {
    const std::time_t value = time.time_since_epoch().count();
    std::tm local{};
    ::localtime_r(&value, &local);
    return seconds(local.tm_gmtoff);
}

local_seconds wall_clock(sys_seconds time) {
    return local_seconds(time.time_since_epoch() + utc_offset(time));
}

/// The first instant at which the clock on the wall shows `wanted`, or, where it jumps over that,
/// the first after the jump. (mktime(3) leaves both of these days to the implementation.)
sys_seconds first_instant(local_seconds wanted) {
    // An offset is at most 14 h, so a day before and a day after are on either side of a change of
    // the clock that matters here; that there is one change at most is a fact of all time zones.
    const sys_seconds as_if_utc(wanted.time_since_epoch());
    const auto early = utc_offset(as_if_utc - hours(24));
    const auto late = utc_offset(as_if_utc + hours(24));
    auto shown = sys_seconds::max();
    for (const auto offset : {early, late})
        if (wall_clock(as_if_utc - offset) == wanted) shown = std::min(shown, as_if_utc - offset);
    if (shown != sys_seconds::max()) return shown;

    // Never shown: the jump is between these two.
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

/// The day that an instant is in, when the delay is not counted.
local_days day_of(const Daily& daily, Timestamp time) {
    ::tzset();  // localtime_r(3) need not do it
    return floor<days>(wall_clock(floor<seconds>(time - daily.random_delay)));
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

}  // namespace mastobak::schedule
