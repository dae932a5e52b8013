// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/health.hpp"

#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "unit/daemon/now.hpp"

using namespace mastobak;
using namespace mastobak::daemon;
using namespace std::chrono_literals;
using Verdict = Health::Verdict;

namespace {

RunRecord good_run(Timestamp started) {
    RunRecord record;
    record.id = to_set_name(started);
    record.started_at = started;
    record.finished_at = started + 5min;
    record.set = record.id;
    record.size = Bytes{5 << 20};
    record.downtime = 1200ms;
    return record;
}

RunRecord failed_run_at(Timestamp started) {
    auto record = good_run(started);
    record.set.reset();
    finish(record, Error(Errc::database, "no server", "start it"), started + 1s);
    return record;
}

State state_after(const RunRecord& last) {
    State state;
    state.history.last_run = last;
    if (last.ok()) state.history.last_success = last;
    offsite::RemoteState remote;
    remote.remote = "b2";
    state.offsite = {remote};
    return state;
}

}  // namespace

TEST_CASE("a fresh set is healthy") {
    const auto run = good_run(now - 9h);
    const auto health = judge(state_after(run), run.set, {}, now);
    CHECK(health.verdict == Verdict::healthy);
    CHECK(health.reasons.empty());
}

TEST_CASE("a host that never made a set is stale") {
    CHECK(judge({}, {}, {}, now).verdict == Verdict::stale);
}

TEST_CASE("a set older than the alert allows is stale, whatever the history says") {
    const auto run = good_run(now - 26h);
    const auto health = judge(state_after(run), run.set, {}, now);
    CHECK(health.verdict == Verdict::stale);
    REQUIRE(health.reasons.size() == 1);
    CHECK(health.reasons[0] == "the newest set (20261121T100000Z) is 1 d 2 h old");
}

TEST_CASE("a failed run is unhealthy even while the newest set is fresh") {
    const auto health = judge(state_after(failed_run_at(now - 1h)), "20261122T030000Z", {}, now);
    CHECK(health.verdict == Verdict::failed);
    CHECK(health.reasons[0].find("no server") != std::string::npos);
}

TEST_CASE("a run in progress has not failed") {
    auto record = good_run(now - 1min);
    record.set.reset();
    record.finished_at.reset();
    auto state = state_after(record);
    state.running = RunningState{record.id, record.started_at, "dump", 0.5, ""};
    CHECK(judge(state, "20261122T030000Z", {}, now).verdict == Verdict::healthy);
    state.running.reset();
    CHECK(judge(state, "20261122T030000Z", {}, now).verdict == Verdict::failed);
}

TEST_CASE("a set that waits too long to go off-site is stale") {
    const auto run = good_run(now - 9h);
    auto state = state_after(run);
    offsite::RemoteState remote;
    remote.remote = "b2";
    remote.newest_set = "20261120T030000Z";
    remote.queued = 2;
    remote.oldest_queued = now - 25h;
    remote.last_error = "connection refused";
    state.offsite = {remote};
    CHECK(judge(state, run.set, {}, now).verdict == Verdict::healthy);
    state.offsite[0].oldest_queued = now - 26h;
    const auto health = judge(state, run.set, {}, now);
    CHECK(health.verdict == Verdict::stale);
    CHECK(health.reasons[0] == "staged, but not off-site at 'b2' for 1 d 2 h: connection refused");
}

TEST_CASE("a remote that has failed since it was configured is stale after an hour") {
    const auto run = good_run(now - 9h);
    auto state = state_after(run);
    offsite::RemoteState remote;
    remote.remote = "b2";
    remote.queued = 1;
    remote.oldest_queued = now - 2h;
    state.offsite = {remote};
    CHECK(judge(state, run.set, {}, now).verdict ==
          Verdict::healthy);  // the first upload is in progress
    state.offsite[0].last_error = "no such bucket";
    CHECK(judge(state, run.set, {}, now).verdict == Verdict::stale);
    state.offsite[0].oldest_queued = now - 59min;
    CHECK(judge(state, run.set, {}, now).verdict == Verdict::healthy);
}

TEST_CASE("a host whose configuration names no remote is stale, until that is acknowledged") {
    auto state = state_after(good_run(now - 9h));
    const auto set = state.history.last_run->set;
    state.offsite.clear();
    config::Config config;
    config.source = "/etc/mastobak/mastobak.yaml";
    const auto health = judge(state, set, config, now);
    CHECK(health.verdict == Verdict::stale);
    REQUIRE(health.reasons.size() == 1);
    CHECK(health.reasons[0].starts_with("nothing is off-site: no remote is configured; hint: "));
    const auto line = status_line(state, health, now);
    CHECK(line.starts_with("UNHEALTHY: nothing is off-site: no remote is configured"));
    CHECK(line.find("no remote") == line.rfind("no remote"));  // exactly once
    state.no_remote_acknowledged = true;
    CHECK(judge(state, set, config, now).verdict == Verdict::healthy);
    state.no_remote_acknowledged = false;
    config.offsite.emplace_back();
    CHECK(judge(state, set, config, now).verdict == Verdict::healthy);
}

TEST_CASE("a drill that could never be made here is told, and one that was cancelled is not") {
    auto state = state_after(good_run(now - 9h));
    const auto set = state.history.last_run->set;
    DrillRecord drill;
    drill.id = to_set_name(now);
    finish(drill, Error(Errc::environment, "there is no initdb", "apt install postgresql"));
    state.drills.last = drill;
    auto health = judge(state, set, {}, now);
    CHECK(health.verdict == Verdict::stale);
    CHECK(health.reasons.at(0) == "no drill could be made yet: there is no initdb");
    config::Config never;
    never.drill.schedule = config::DrillSchedule::never;
    CHECK(judge(state, set, never, now).verdict == Verdict::healthy);
    finish(drill, Error(Errc::cancelled, "cancelled"));
    state.drills.last = drill;
    CHECK(judge(state, set, {}, now).verdict == Verdict::healthy);
}

TEST_CASE("the worst verdict wins, and its reason comes first") {
    auto state = state_after(good_run(now - 30h));
    DrillRecord drill;
    drill.report.started_at = now - 1h;
    drill.report.checks = {{.name = "rows", .verdict = postgres::Verdict::bad}};
    state.drills.last = state.drills.last_made = drill;
    const auto health = judge(state, state.history.last_run->set, {}, now);
    CHECK(health.verdict == Verdict::failed);
    REQUIRE(health.reasons.size() >= 2);
    CHECK(health.reasons[0].starts_with("the last drill failed"));
    CHECK(health.reasons[1].starts_with("the newest set"));
}

TEST_CASE("a run that a person has cancelled is not a failure") {
    auto record = failed_run_at(now - 1h);
    record.cut_off_by = CutOff::person;
    CHECK(judge(state_after(record), "20261122T030000Z", {}, now).verdict == Verdict::healthy);
    record.cut_off_by = CutOff::service;
    CHECK(judge(state_after(record), "20261122T030000Z", {}, now).verdict == Verdict::failed);
}

TEST_CASE("a configuration that was refused is a failure until it is mended") {
    auto state = state_after(good_run(now - 9h));
    state.reload_problem = "mastobak.yaml:3: unknown key 'stagging'";
    const auto health = judge(state, state.history.last_run->set, {}, now);
    CHECK(health.verdict == Verdict::failed);
    CHECK(health.reasons[0].find("mastobak.yaml:3") != std::string::npos);
    // A drill may take hours, and does not hide it.
    state.drilling = RunningState{"20261122T120000Z", now, "restore", 0.43, "dump"};
    const auto line = status_line(state, health, now);
    CHECK(line.starts_with("UNHEALTHY: the changed configuration was refused"));
    CHECK(line.ends_with("mastobak.yaml:3: unknown key 'stagging'; drill: restore 43 % (dump)"));
    state.reload_problem.clear();
    CHECK(status_line(state, {}, now) == "drill: restore 43 % (dump)");
}

TEST_CASE("the status line of a host without a remote says so") {
    auto state = state_after(good_run(now - 9h));
    const auto health = judge(state, state.history.last_run->set, {}, now);
    CHECK(status_line(state, health, now).find("no remote") == std::string::npos);
    state.offsite.clear();
    CHECK(
        status_line(state, health, now).ends_with("nothing is off-site: no remote is configured"));
}

TEST_CASE("the status line says the last set, its size and downtime, and the next run") {
    auto state = state_after(good_run(now - 9h));
    state.next_run = now + 15h;
    const auto line = status_line(state, judge(state, "20261122T030000Z", {}, now), now);
    CHECK(line.starts_with(
        "healthy; last set 20261122T030000Z (9 h 0 min ago, 5.0 MiB), downtime 1.2 s; next run "));
}

TEST_CASE("the status line says of each unit how long it was down") {
    auto run = good_run(now - 9h);
    run.units = {{"mastodon-web.service", 1100ms},
                 {"mastodon-streaming@4000.service", 1200ms},
                 {"fediverse-jobs.service", 900ms}};
    const auto line = status_line(state_after(run), {}, now);
    CHECK(
        line.ends_with("downtime 1.2 s (web 1.1 s, streaming@4000 1.2 s, fediverse-jobs 900 ms)"));
}

TEST_CASE("the status line says what the downtime went to") {
    auto run = good_run(now - 9h);
    run.units = {{"mastodon-web.service", 90ms}};
    run.steps = {{"pre-copy", 9min}, {"stop", 50ms},  {"snapshot", 5ms}, {"media", 15ms},
                 {"look", 2ms},      {"start", 20ms}, {"health", 0ms},   {"dump", 1h}};
    CHECK(downtime_text(run) ==
          "downtime 1.2 s (stop 50 ms, freeze 22 ms, start 20 ms; web 90 ms)");
    run.steps = {{"stop", 50ms}, {"media", 15ms}, {"dump", 1h}, {"start", 20ms}, {"health", 2s}};
    run.units.clear();
    CHECK(downtime_text(run) ==
          "downtime 1.2 s (stop 50 ms, freeze 15 ms, dump 1 h 0 min, start "
          "20 ms, health 2.0 s)");
}

TEST_CASE("the status line of a running backup says its step and percentage") {
    State state;
    state.running = RunningState{"20261122T120000Z", now, "dump", 0.43, "public.statuses"};
    CHECK(status_line(state, {}, now) == "running: dump 43 % (public.statuses)");
}
