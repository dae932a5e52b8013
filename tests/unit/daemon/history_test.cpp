// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/history.hpp"

#include <chrono>

#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::daemon;
using namespace std::chrono_literals;

namespace {

const Timestamp now = Timestamp(std::chrono::seconds(1'800'000'000));

RunRecord run_at(Timestamp time) {
    RunRecord record;
    record.started_at = time;
    record.finished_at = time + 1min;
    return record;
}

}  // namespace

TEST_CASE("a schedule that is new did not miss hours of before it was there") {
    History history{now - 24h, "", {}, {}};
    config::Schedule schedule;
    // The first one, and a history of a version that did not note it.
    CHECK(follow_schedule(history, schedule, now));
    CHECK(history.known_since == now - 24h);
    CHECK_FALSE(follow_schedule(history, schedule, now));

    for (const auto& change : {+[](config::Schedule& s) { s.daily_at = 90min; },
                               +[](config::Schedule& s) { s.random_delay = 5min; },
                               +[](config::Schedule& s) { s.enabled = false; },
                               +[](config::Schedule& s) { s.enabled = true; }}) {
        history.known_since = now - 24h;
        change(schedule);
        CHECK(follow_schedule(history, schedule, now));
        CHECK(history.known_since == now);
    }
}

TEST_CASE("a run that a shutdown refused does not take its night's place") {
    History history;
    CHECK(last_attempt(history) == std::nullopt);
    history.last_run = run_at(now);
    CHECK(last_attempt(history) == now);
    history.last_run->error_code = "database";
    CHECK(last_attempt(history) == now);
    history.last_run->error_code = "shutdown";
    CHECK(last_attempt(history) == std::nullopt);
    history.last_success = run_at(now - 24h);
    CHECK(last_attempt(history) == now - 24h);
}
