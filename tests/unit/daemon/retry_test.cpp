// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.hpp"
#include "daemon/records/history.hpp"
#include "daemon/records/json.hpp"
#include "support/catch.hpp"

using namespace mastobak;
using namespace mastobak::daemon;
using namespace std::chrono_literals;

namespace {

const auto night = *parse_iso8601("2026-11-22T03:00:00Z");
const config::Schedule schedule;

RunRecord failed(Errc code, const std::string& by = "schedule") {
    auto record = new_record(night, by);
    finish(record, Error(code, "it failed"), night + 1min);
    return record;
}

RunRecord cut_off(CutOff by) {
    auto record = failed(by == CutOff::death ? Errc::internal : Errc::cancelled);
    record.cut_off_by = by;
    return record;
}

}  // namespace

TEST_CASE("a night that failed for a passing reason is tried again") {
    for (const auto code :
         {Errc::database, Errc::staging, Errc::media, Errc::offsite, Errc::units, Errc::busy})
        CHECK(retry_at(failed(code), schedule) == night + 6min);
}

TEST_CASE("a night that failed for a reason that needs a person is not tried again") {
    for (const auto code : {Errc::internal, Errc::usage, Errc::config, Errc::environment,
                            Errc::corrupt, Errc::denied})
        CHECK(retry_at(failed(code), schedule) == std::nullopt);
    CHECK(retry_at(cut_off(CutOff::person), schedule) == std::nullopt);
    auto record = failed(Errc::database);
    finish(record, Error(Errc::database, "role 'x' may not read 'y'").for_person(), night + 1min);
    CHECK(retry_at(record_from<RunRecord>(to_json(record)), schedule) == std::nullopt);
}

TEST_CASE("a run that a person has asked for is not tried again") {
    CHECK(retry_at(failed(Errc::database, "request"), schedule) == std::nullopt);
}

TEST_CASE("Mastodon is not stopped twice in a night for the same cause") {
    auto record = failed(Errc::database);
    record.stopped_mastodon = true;
    CHECK(retry_at(record, schedule) == std::nullopt);
    // An interruption is not a failure of the run itself.
    record = cut_off(CutOff::service);
    record.stopped_mastodon = true;
    CHECK(retry_at(record, schedule) == night + 2min);
}

TEST_CASE("a step that can be rehearsed is tried again after an outage, once") {
    auto record = failed(Errc::database);
    record.stopped_mastodon = true;
    for (const auto* step :
         {"snapshot", "compare", "media", "dump", "index", "reconcile", "check"}) {
        record.failed_step = step;
        CHECK(retry_at(record, schedule) == night + 6min);
    }
    record.rehearsed = true;  // the rehearsal does not detect the cause
    CHECK(retry_at(record, schedule) == std::nullopt);
    record.rehearsed = false;
    for (const auto* step : {"", "quiet", "stop", "look", "publish"}) {
        record.failed_step = step;
        CHECK(retry_at(record, schedule) == std::nullopt);
    }
}

TEST_CASE("attempts of a night come ever later, and end with the time for them") {
    auto record = failed(Errc::database);
    std::vector<std::chrono::nanoseconds> waits;
    for (;;) {
        const auto at = retry_at(record, schedule);
        if (!at) break;
        REQUIRE(waits.size() < 20);
        waits.push_back(*at - *record.finished_at);
        record = new_record(*at, "retry", record);
        CHECK(record.night == night);
        finish(record, Error(Errc::database, "it failed"), *at + 1min);
    }
    CHECK(waits == std::vector<std::chrono::nanoseconds>{5min, 10min, 20min, 40min, 60min, 60min});
    CHECK(record.attempt == 7);
    CHECK(record.started_at <= night + schedule.retry_until);
}

TEST_CASE("retry_until of 0 means one attempt a night") {
    auto once = schedule;
    once.retry_until = 0s;
    CHECK(retry_at(failed(Errc::database), once) == std::nullopt);
}

TEST_CASE("a night that was interrupted is made up for at the next start, a few times") {
    for (const auto by : {CutOff::service, CutOff::death}) {
        History history;
        history.last_run = cut_off(by);
        CHECK(last_attempt(history) == std::nullopt);
        history.last_run->attempt = 3;
        CHECK(last_attempt(history) == night);
        // The user who requested the run sees the failure, so it is not repeated.
        history.last_run->attempt = 1;
        history.last_run->by = "request";
        CHECK(last_attempt(history) == night);
    }
}

TEST_CASE("a catch-up after an interruption is the next attempt of that night, others begin one") {
    CHECK(new_record(night + 1h, "catch-up", cut_off(CutOff::death)).attempt == 2);
    CHECK(new_record(night + 1h, "catch-up", failed(Errc::database)).attempt == 1);
    CHECK(new_record(night + 24h, "schedule", cut_off(CutOff::death)).attempt == 1);
}
