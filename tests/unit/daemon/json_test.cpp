// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/json.hpp"

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::daemon;
using namespace std::chrono_literals;

namespace {

const auto a_time = *parse_iso8601("2026-11-22T12:00:00.5Z");

State full_state() {
    RunRecord good;
    good.id = "20261122T030000Z";
    good.started_at = a_time - 9h;
    good.finished_at = a_time - 8h;
    good.set = good.id;
    good.size = Bytes{12345};
    good.downtime = 1500ms;
    good.units = {{"mastodon-web.service", 1250ms}};
    good.warnings = {"one"};
    good.steps = {{"dump", 2500ms}};
    RunRecord bad;
    bad.id = "20261122T120000Z";
    bad.started_at = a_time - 1min;
    bad.by = "retry";
    bad.attempt = 2;
    bad.night = a_time - 10min;
    bad.stopped_mastodon = true;
    bad.failed_step = "stop";
    bad.rehearsed = true;
    bad.cut_off_by = CutOff::service;
    finish(bad, Error(Errc::units, "it does not stop", "kill it"), a_time);
    offsite::RemoteState remote;
    remote.remote = "b2";
    remote.newest_set = good.id;
    remote.queued = 3;
    remote.oldest_queued = a_time;
    remote.done = Bytes{1};
    remote.total = Bytes{2};
    remote.pruning = true;
    remote.last_error = "no route";
    remote.failed_at = a_time - 1min;
    backup::PruneReport staging;
    staging.at = a_time;
    staging.decisions = {{"20261121T030000Z", false, "newer sets"}, {good.id, true, "newest"}};
    staging.shared = {"20261121T030000Z-0001.tar"};
    staging.freed = Bytes{77};
    staging.warnings = {"odd"};
    backup::PruneReport elsewhere;
    elsewhere.remote = "b2";
    elsewhere.at = a_time;
    elsewhere.dry_run = true;
    elsewhere.waits_for = "a set";
    elsewhere.refusal = "append-only";
    elsewhere.error = "no route";
    Storage storage;
    storage.usage.sets = 2;
    storage.usage.live = Bytes{5};
    storage.usage.dead = Bytes{6};
    storage.usage.unreadable = {good.id};
    storage.usage.next.bytes = Bytes{8};
    storage.usage.next.nights = 3;
    storage.free = Bytes{9};
    storage.room = Bytes{4};
    State state;
    state.pruned = {staging, elsewhere};
    state.pruning = true;
    state.storage = storage;
    state.version = "0.1.0";
    state.running = RunningState{"x", a_time, "dump", 0.5, "statuses"};
    state.history = {a_time - 24h, "03:00 + 0 s", bad, good};
    state.reload_problem = "line 3";
    state.signing_key = "RWQ";
    state.staging_problem = "full";
    state.next_run = a_time + 1h;
    state.offsite = {remote};
    DrillRecord drill;
    drill.id = "20261122T040000Z";
    drill.report.set = good.id;
    state.drills = {drill, drill, std::nullopt};
    return state;
}

}  // namespace

TEST_CASE("a state survives its way over the bus") {
    const auto json = to_json(full_state());
    CHECK(to_json(record_from<State>(Json::parse(json.dump()))) == json);
    CHECK(json["history"]["last_run"]["error"]["code"] == "units");
    CHECK(json["history"]["last_success"]["steps"][0]["seconds"] == 2.5);
    CHECK(json["history"]["last_success"]["units"][0]["downtime_seconds"] == 1.25);
    CHECK(json["next_run"] == "2026-11-22T13:00:00Z");  // rounded down by half a second
    CHECK(json["running"]["started_at"] == "2026-11-22T12:00:00Z");
    CHECK(json["offsite"][0]["oldest_queued"] == "2026-11-22T12:00:00Z");
    CHECK(json["pruned"][0]["at"] == "2026-11-22T12:00:00Z");
    CHECK(json["pruned"][0]["remote"].is_null());
    CHECK(json["drills"]["last"]["set"] == "20261122T030000Z");
    CHECK(json["drills"]["last_made"] == "20261122T040000Z");  // only the ID: it is the same
    CHECK(json["pruned"][0]["sets"][0]["kept"] == false);
    CHECK(json["pruned"][1]["refusal"] == "append-only");
    CHECK(json["storage"]["next_night"]["nights"] == 3);
}

TEST_CASE("a history survives the daemon") {
    test::TemporaryDirectory directory;
    const auto history = full_state().history;
    write_history(directory.path(), history);
    CHECK(to_json(read_history(directory.path(), a_time)) == to_json(history));
}

TEST_CASE("a history that has fractions of seconds, of an older version, is read") {
    test::TemporaryDirectory directory;
    test::write(directory / "history.json",
                R"({"known_since": "2026-11-22T12:00:00.123456789Z", "last_run": null,
                    "last_success": null})");
    CHECK(to_iso8601(read_history(directory.path(), a_time + 1h).known_since) ==
          "2026-11-22T12:00:00.123456789Z");
}

TEST_CASE("bytes that are not UTF-8 do not end the daemon") {
    auto history = full_state().history;
    history.last_success->warnings = {"'\xff' of the media is a FIFO"};
    test::TemporaryDirectory directory;
    write_history(directory.path(), history);
    const auto read = read_history(directory.path(), a_time);
    REQUIRE(read.last_success);
    CHECK(read.last_success->warnings[0].find("of the media is a FIFO") != std::string::npos);
    CHECK(Json::accept(dump(to_json(*history.last_success))));
}

TEST_CASE("a failure is remembered with a hint") {
    RunRecord record;
    finish(record, Error(Errc::database, "no server"), a_time);
    CHECK_FALSE(record.hint.empty());
}

TEST_CASE("a history that is lost or damaged begins anew") {
    test::TemporaryDirectory directory;
    CHECK(read_history(directory.path(), a_time).known_since == a_time);
    test::write(directory / "history.json", "{\"last_run\": 1");
    CHECK_FALSE(read_history(directory.path(), a_time).last_run.has_value());
}
