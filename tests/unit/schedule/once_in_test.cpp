// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>
#include <ctime>

#include "schedule/next_run.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using schedule::Period;

namespace {

struct InZone {
    explicit InZone(const char* name) {
        ::setenv("TZ", name, 1);
        ::tzset();
    }
    ~InZone() {
        ::unsetenv("TZ");
        ::tzset();
    }
    InZone(const InZone&) = delete;
    InZone& operator=(const InZone&) = delete;
};

Timestamp at(const char* text) {
    return parse_iso8601(text).value();
}

}  // namespace

TEST_CASE("what is to be done once in a period is due when it was not done in this one") {
    const InZone zone("Europe/Berlin");
    struct Row {
        Period period;
        const char* last;
        const char* now;
        bool due;
    };
    for (const auto& [period, last, now, due] : {
             Row{Period::day, "2026-11-22T03:00:00Z", "2026-11-22T22:59:59Z", false},
             Row{Period::day, "2026-11-22T03:00:00Z", "2026-11-22T23:00:00Z", true},
             Row{Period::week, "2026-11-16T03:00:00Z", "2026-11-22T22:00:00Z", false},
             Row{Period::week, "2026-11-22T03:00:00Z", "2026-11-23T02:00:00Z", true},
             Row{Period::month, "2026-11-01T02:00:00Z", "2026-11-30T22:00:00Z", false},
             Row{Period::month, "2026-11-30T22:00:00Z", "2026-11-30T23:30:00Z", true},
             Row{Period::month, "2026-12-31T03:00:00Z", "2027-01-01T02:00:00Z", true},
             Row{Period::month, "2025-11-22T03:00:00Z", "2026-11-22T03:00:00Z", true},
             // After the clock was set back, it is done twice rather than never.
             Row{Period::month, "2026-12-22T03:00:00Z", "2026-11-22T03:00:00Z", true},
         }) {
        CAPTURE(last, now);
        CHECK(schedule::due_once_in(period, at(last), at(now)) == due);
        CHECK(schedule::due_once_in(period, std::nullopt, at(now)));
    }
}
