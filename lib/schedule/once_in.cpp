// SPDX-License-Identifier: GPL-3.0-or-later
#include "schedule/once_in.hpp"

#include "schedule/next_run.hpp"

namespace mastobak::schedule {
namespace {

using namespace std::chrono;

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

bool due_once_in(Period period, std::optional<Timestamp> last, Timestamp now) {
    return !last || first_day_of(period, *last) != first_day_of(period, now);
}

}  // namespace mastobak::schedule
