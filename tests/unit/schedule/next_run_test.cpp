// SPDX-License-Identifier: GPL-3.0-or-later
#include "schedule/next_run.hpp"

#include <ctime>
#include <map>
#include <string>

#include "support/catch.hpp"
#include "support/time_zone.hpp"

using namespace mastobak;
using namespace std::chrono_literals;
using schedule::Daily;
using test::TimeZone;

namespace {

Timestamp utc(const char* text) {
    return parse_iso8601(text).value();
}

Daily at(std::chrono::minutes time, std::chrono::seconds delay = 0s) {
    return {.at = time, .random_delay = delay};
}

/// Returns the due times by their definition. Walks through a year in steps of five minutes, and
/// reads the wall clock: on each local day, the run is due at the first step that shows the time or
/// a later one.
std::map<int, Timestamp> due_times_by_walking(std::chrono::minutes time) {
    std::map<int, Timestamp> due;
    for (auto t = utc("2025-12-31T00:00:00Z"); t < utc("2027-01-02T00:00:00Z"); t += 5min) {
        const auto seconds = std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
        std::tm local{};
        ::localtime_r(&seconds, &local);
        if (local.tm_hour * 60 + local.tm_min < time.count()) continue;
        due.try_emplace((local.tm_year * 12 + local.tm_mon) * 31 + local.tm_mday, t);
    }
    // The first and the last day are incomplete.
    due.erase(due.begin());
    due.erase(std::prev(due.end()));
    return due;
}

}  // namespace

TEST_CASE("a run is due on every day of a year, once, at the first such minute of that day") {
    // The zones change at 1:00 UTC, at 2:00 local time, never, by half an hour, at midnight, and
    // never.
    const auto* zone = GENERATE("Europe/Berlin", "America/New_York", "Asia/Kolkata",
                                "Australia/Lord_Howe", "Africa/Cairo", "UTC");
    const auto time = GENERATE(0min, 30min, 115min, 120min, 150min, 180min, 1435min);
    CAPTURE(zone, time.count());
    const TimeZone here(zone);
    const auto expected = due_times_by_walking(time);
    REQUIRE(expected.size() >= 364);
    const auto daily = at(time);
    auto previous = expected.begin()->second - 1ns;
    for (const auto& [day, due] : expected) {
        REQUIRE(to_iso8601(schedule::next_due(daily, previous)) == to_iso8601(due));
        REQUIRE(schedule::next_due(daily, due - 1ns) == due);
        REQUIRE(schedule::last_due(daily, due) == due);
        REQUIRE(schedule::last_due(daily, due + 1h) == due);
        previous = due;
    }
}

TEST_CASE("the days on which clocks are changed, by hand") {
    struct Row {
        const char* zone;
        std::chrono::minutes time;
        const char* after;
        const char* due;
    };
    const auto row = GENERATE(
        // 2:00 to 3:00 on March 29: 2:30 does not exist; 3:00 is the first instant after the gap.
        Row{"Europe/Berlin", 150min, "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
        Row{"Europe/Berlin", 180min, "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
        Row{"Europe/Berlin", 150min, "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"},
        // 3:00 to 2:00 on October 25: 2:30 comes twice; the first one counts, the second does not.
        Row{"Europe/Berlin", 150min, "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"},
        Row{"Europe/Berlin", 150min, "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
        Row{"Europe/Berlin", 150min, "2026-10-25T01:15:00Z", "2026-10-26T01:30:00Z"},
        Row{"America/New_York", 150min, "2026-03-08T00:00:00Z", "2026-03-08T07:00:00Z"},
        Row{"America/New_York", 90min, "2026-11-01T00:00:00Z", "2026-11-01T05:30:00Z"},
        // Half an hour: 2:00 to 2:30 on October 4, 2:00 to 1:30 on April 5.
        Row{"Australia/Lord_Howe", 135min, "2026-10-03T00:00:00Z", "2026-10-03T15:30:00Z"},
        Row{"Australia/Lord_Howe", 105min, "2026-04-04T10:00:00Z", "2026-04-04T14:45:00Z"},
        Row{"Asia/Kolkata", 180min, "2026-11-22T00:00:00Z", "2026-11-22T21:30:00Z"},
        Row{"UTC", 180min, "2026-11-22T03:00:00Z", "2026-11-23T03:00:00Z"});
    CAPTURE(row.zone, row.after);
    const TimeZone here(row.zone);
    CHECK(to_iso8601(schedule::next_due(at(row.time), utc(row.after))) == row.due);
}

TEST_CASE("a delay moves the run of each day, across midnight too") {
    const TimeZone here("Europe/Berlin");
    const auto daily = at(23h + 30min, 2h);
    CHECK(schedule::next_due(daily, utc("2026-11-22T12:00:00Z")) == utc("2026-11-23T00:30:00Z"));
    CHECK(schedule::next_due(daily, utc("2026-11-23T00:29:59Z")) == utc("2026-11-23T00:30:00Z"));
    CHECK(schedule::next_due(daily, utc("2026-11-23T00:30:00Z")) == utc("2026-11-24T00:30:00Z"));
    CHECK(schedule::last_due(daily, utc("2026-11-23T00:29:59Z")) == utc("2026-11-22T00:30:00Z"));
}

TEST_CASE("a run was missed when it was due since the last one, and mastobak was there") {
    const TimeZone here("UTC");
    const auto daily = at(3h);
    const auto now = utc("2026-11-22T09:00:00Z");
    const auto long_ago = utc("2026-01-01T00:00:00Z");
    const auto missed = [&](std::optional<Timestamp> last_run, Timestamp known_since) {
        return schedule::missed(daily, last_run, known_since, now);
    };
    CHECK_FALSE(missed(utc("2026-11-22T03:00:00Z"), long_ago));
    CHECK_FALSE(missed(utc("2026-11-22T08:00:00Z"), long_ago));
    CHECK(missed(utc("2026-11-22T02:59:59Z"), long_ago));
    CHECK(missed(utc("2026-11-20T03:00:00Z"), long_ago));
    CHECK(missed(std::nullopt, long_ago));
    CHECK_FALSE(missed(std::nullopt, utc("2026-11-22T08:59:00Z")));
    CHECK_FALSE(missed(utc("2026-11-22T08:59:30Z"), utc("2026-11-22T08:59:00Z")));
}
