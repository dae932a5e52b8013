// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/history.hpp"

#include <chrono>

#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::daemon;
using namespace std::chrono_literals;

namespace {

const Timestamp some_time = Timestamp(std::chrono::seconds(1'800'000'000));

RunRecord run_at(Timestamp time) {
    RunRecord record;
    record.started_at = time;
    record.finished_at = time + 1min;
    return record;
}

}  // namespace

TEST_CASE("a schedule that is new did not miss hours of before it was there") {
    History history{some_time - 24h, "", {}, {}};
    config::Schedule schedule;
    // The first run, and a history of a version that did not record this.
    CHECK(follow_schedule(history, schedule, some_time));
    CHECK(history.known_since == some_time - 24h);
    CHECK_FALSE(follow_schedule(history, schedule, some_time));

    for (const auto& change : {+[](config::Schedule& s) { s.daily_at = 90min; },
                               +[](config::Schedule& s) { s.random_delay = 5min; },
                               +[](config::Schedule& s) { s.enabled = false; },
                               +[](config::Schedule& s) { s.enabled = true; }}) {
        history.known_since = some_time - 24h;
        change(schedule);
        CHECK(follow_schedule(history, schedule, some_time));
        CHECK(history.known_since == some_time);
    }
}

TEST_CASE("an outage in vain is remembered until a run succeeds") {
    History history;
    auto vain = run_at(some_time);
    vain.stopped_mastodon = true;
    vain.failed_step = "dump";
    vain.error_code = "database";
    note(history, vain);
    REQUIRE(history.wasted_stop);
    auto refused = run_at(some_time + 24h);  // it stopped no unit
    refused.error_code = "database";
    note(history, refused);
    CHECK(history.last_run->started_at == some_time + 24h);
    CHECK(history.wasted_stop->started_at == some_time);
    auto good = run_at(some_time + 48h);
    good.set = "20270117T080000Z";
    note(history, good);
    CHECK_FALSE(history.wasted_stop);
    CHECK(history.last_success->set == good.set);
}

TEST_CASE(
    "a run that was interrupted during an outage is not counted as one that failed after the "
    "stop") {
    auto record = run_at(some_time);
    record.stopped_mastodon = true;
    record.error_code = "cancelled";
    for (const auto by : {CutOff::person, CutOff::service, CutOff::nothing}) {
        History history;
        record.cut_off_by = by;
        note(history, record);
        CHECK_FALSE(history.wasted_stop);
    }
}

TEST_CASE("a run that a shutdown refused does not take its night's place") {
    History history;
    CHECK(last_attempt(history) == std::nullopt);
    history.last_run = run_at(some_time);
    CHECK(last_attempt(history) == some_time);
    history.last_run->error_code = "database";
    CHECK(last_attempt(history) == some_time);
    history.last_run->error_code = "shutdown";
    CHECK(last_attempt(history) == std::nullopt);
    history.last_success = run_at(some_time - 24h);
    CHECK(last_attempt(history) == some_time - 24h);
}
