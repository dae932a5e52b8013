// SPDX-License-Identifier: GPL-3.0-or-later
// Every record as JSON, byte for byte: golden/ has what version 0.1.0 wrote and printed.
#include <filesystem>
#include <string>

#include "core/error.hpp"
#include "core/files/files.hpp"
#include "daemon/records/acknowledged.hpp"
#include "daemon/records/json.hpp"
#include "offsite/history.hpp"
#include "offsite/queue.hpp"
#include "offsite/worker.hpp"
#include "scrub/ledger.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "unit/daemon/now.hpp"

using namespace mastobak;
using namespace mastobak::daemon;
using namespace mastobak::test;
using namespace std::chrono_literals;
using std::string;
using json = Json;

namespace {

const string set = "20261122T030000Z";
const auto digest = *parse_digest(string(64, 'a'));

// Every member differs from its default, so that a field that is forgotten is a difference.

RunRecord good_run() {
    RunRecord run;
    run.id = set;
    run.started_at = now - 9h;
    run.finished_at = now - 8h;
    run.set = run.id;
    run.size = Bytes{12345};
    run.downtime = 1500ms;
    run.units = {{"mastodon-web.service", 1250ms}, {"mastodon-sidekiq.service", 100ms}};
    run.warnings = {"one", "'\xc3\xa4' two"};
    run.acknowledged_files = 3;
    run.acknowledged = 4;
    run.steps = {{"dump", 2500ms}, {"media", 1h}};
    run.by = "schedule";
    run.night = run.started_at;
    return run;
}

RunRecord bad_run() {
    RunRecord run;
    run.id = "20261122T120000Z";
    run.started_at = now - 1min;
    run.by = "retry";
    run.attempt = 2;
    run.night = now - 10min;
    run.stopped_mastodon = true;
    run.failed_step = "stop";
    run.rehearsed = true;
    run.cut_off_by = CutOff::service;
    run.down = {"mastodon-web.service"};
    finish(run, Error(Errc::units, "it does not stop", "kill it"), now);
    run.needs_person = true;
    return run;
}

History history() {
    return {now - 24h, "03:00 + 0 s", bad_run(), good_run(), bad_run()};
}

DrillRecord drill() {
    DrillRecord record;
    record.id = "20261122T040000Z";
    auto& report = record.report;
    report.set = set;
    report.source = "remote 'b2'";
    report.started_at = now - 8h;
    report.took = 25s;
    report.fetched = Bytes{99};
    report.full_restore = restore::RestoreEstimate{30min, 1500ms, 1h};
    report.rates = {.request = 5e8,
                    .fetched_byte = 1.5,
                    .dump_byte = 12.5,
                    .file = 7,
                    .media_byte = 0.25,
                    .written_byte = 3};
    report.checks = {{.name = "manifest", .figure = "fine"},
                     {.name = "rows",
                      .verdict = postgres::Verdict::bad,
                      .figure = "12 tables",
                      .problem_count = 2,
                      .problems = {"one row is missing"},
                      .read = {1, Bytes{17}},
                      .by_size = {3, Bytes{4711}}},
                     {.name = "boot", .verdict = postgres::Verdict::skipped}};
    report.media = {.now = {20, Bytes{200}},
                    .ever = {50, Bytes{500}},
                    .of = {1000, Bytes{10'240}},
                    .drills_left = 48,
                    .all_read_by = now + 48 * 24h};
    using Kind = postgres::FoundRow::Kind;
    report.explained = {{.table = "public.accounts",
                         .finding = "the dump has them",
                         .rows = {.rows = {{Kind::repeated, "id=7", {}, 1, 2},
                                           {Kind::changed, "id=8", {"score"}, 1, 0},
                                           {Kind::missing, "id=9", {}, 1, 0},
                                           {Kind::added, "id=10", {}, 0, 1}},
                                  .keys = 4,
                                  .all = false,
                                  .exact = true}}};
    return record;
}

DrillRecord drill_not_made() {
    DrillRecord record;
    record.id = "20261122T050000Z";
    finish(record, Error(Errc::environment, "no server", "install one"));
    return record;
}

backup::PruneReport pruned() {
    backup::PruneReport report;
    report.remote = "b2";
    report.at = now;
    report.dry_run = true;
    report.decisions = {{"20261121T030000Z", false, "newer sets"}, {set, true, "newest"}};
    report.shared = {"20261121T030000Z-0001.tar"};
    report.evicted = 5;
    report.freed = Bytes{77};
    report.warnings = {"odd"};
    report.waits_for = "a set";
    report.refusal = "append-only";
    report.error = "no route";
    return report;
}

Storage storage() {
    Storage result;
    result.usage.sets = 2;
    result.usage.live = Bytes{5};
    result.usage.dead = Bytes{6};
    result.usage.away = Bytes{7};
    result.usage.unfinished = Bytes{8};
    result.usage.unreadable = {set};
    result.usage.next.bytes = Bytes{8};
    result.usage.next.nights = 3;
    result.free = Bytes{9};
    result.room = Bytes{4};
    return result;
}

scrub::Damage damage() {
    return {now - 2h, "its contents changed", {"a", "b"}, 3, {set}, "remote 'b2'"};
}

scrub::Summary scrubbed() {
    return {.place = "b2",
            .objects = 7,
            .bytes = Bytes{1000},
            .read = Bytes{900},
            .never_read = Bytes{50},
            .oldest_read = now - 100h,
            .newest_read = now - 1h,
            .overdue = Bytes{60},
            .damaged_count = 1,
            .damaged = {{"media/x.tar", damage()}},
            .problem = "no route"};
}

State state() {
    offsite::RemoteState remote;
    remote.remote = "b2";
    remote.newest_set = set;
    remote.completed_at = now - 3h;
    remote.free = Bytes{4};
    remote.queued = 3;
    remote.oldest_queued = now - 2h;
    remote.waiting = Bytes{123};
    remote.uploading = "media/x.tar";
    remote.done = Bytes{1};
    remote.total = Bytes{2};
    remote.rate = Bytes{3};
    remote.left = 90s;
    remote.last_error = "no route";
    remote.failed_at = now - 1min;
    remote.next_attempt = now + 1min;
    remote.pruning = true;
    State state;
    state.version = "0.1.0";
    state.signing_key = "RWQ";
    state.config = "/etc/mastobak/mastobak.yaml";
    state.running = RunningState{"x", now, "dump", 0.5, "statuses", 125s};
    state.dry_run = good_run();
    state.dry_run->dry_run = true;
    state.history = history();
    state.next_run = now + 1h;
    state.offsite = {remote, {}};
    state.pruned = {pruned(), {}};
    state.pruning = true;
    state.drilling = RunningState{"y", now, "restore", -1, "", {}};
    state.drills = {drill_not_made(), drill(), std::nullopt};
    state.scrubbing = RunningState{"z", now, "read", 0.25, "media/x.tar", 1s};
    state.scrubs = {scrubbed(), {}};
    state.storage = storage();
    state.reload_problem = "line 3";
    state.no_remote_acknowledged = true;
    state.staging_problem = "full";
    return state;
}

/// Compares with the file in golden/. MASTOBAK_GOLDEN=write writes it instead.
void check(const string& name, const string& text) {
    const std::filesystem::path file =
        std::filesystem::path(SOURCE_DIR "/tests/unit/daemon/golden") / name;
    if (const auto* wish = std::getenv("MASTOBAK_GOLDEN");
        wish != nullptr && wish == string("write"))
        write(file, text);
    CAPTURE(name);
    CHECK(text == read_file(file));
}

/// The record as JSON, and after it was read from that.
template <typename Record>
void check_both(const string& name, const Record& record) {
    const auto text = dump(to_json(record), 2) + "\n";
    check(name, text);
    CHECK(dump(to_json(record_from<Record>(Json::parse(text))), 2) + "\n" == text);
}

}  // namespace

TEST_CASE("a record is written as it always was, and read as it was written") {
    check_both("run.json", good_run());
    check_both("run-failed.json", bad_run());
    check_both("history.json", history());
    check_both("drill.json", drill());
    check_both("drill-not-made.json", drill_not_made());
    check_both("prune.json", pruned());
    check_both("storage.json", storage());
    check_both("scrub.json", scrubbed());
    check_both("state.json", state());
}

TEST_CASE("an empty record is written as it always was, and read as it was written") {
    check_both("empty-run.json", RunRecord{});
    check_both("empty-history.json", History{});
    check_both("empty-drill.json", DrillRecord{});
    check_both("empty-prune.json", backup::PruneReport{});
    check_both("empty-storage.json", Storage{});
    check_both("empty-scrub.json", scrub::Summary{});
    check_both("empty-state.json", State{});
}

TEST_CASE("what a command prints, and nothing reads, is written as it always was") {
    check("health.json", dump(to_json(Health{Health::Verdict::stale, {"one"}})));
    check("error.json", dump(to_json(Error(Errc::busy, "a run goes on", "wait"))));
    check("verify.json", dump(to_json(store::VerifyReport{set, {"p"}, 3, {}, {}, {}, {}})));
}

TEST_CASE("a record of an older version, which lacks most fields, is read") {
    const auto run = record_from<RunRecord>(Json::parse(
        R"({"id": "x", "set": null, "started_at": "2026-11-22T12:00:00.5Z", "attempt": 3})"));
    CHECK(run.night == run.started_at);
    CHECK(run.attempt == 3);
    CHECK_FALSE(run.finished_at);
    CHECK(to_iso8601(run.started_at) == "2026-11-22T12:00:00.5Z");
    const auto state = record_from<State>(Json::parse(
        R"({"history": {}, "offsite": [{"remote": "b2", "newest_set": null}],
            "running": {"id": "x"}, "next_run": 7})"));
    CHECK(state.running->fraction == -1);
    CHECK(state.offsite[0].remote == "b2");
    CHECK_FALSE(state.next_run);
    const auto old = record_from<DrillRecord>(Json::parse(
        R"({"id": "x", "full_restore": 7, "checks": [{"name": "rows", "verdict": "new"}]})"));
    CHECK_FALSE(old.report.full_restore);
    CHECK(old.report.checks.at(0).verdict == postgres::Verdict::bad);
}

TEST_CASE("a record that lacks what it is of, or has a wrong type there, is refused") {
    CHECK_THROWS_AS(record_from<RunRecord>(json::parse(R"({"set": null})")), json::exception);
    CHECK_THROWS_AS(record_from<RunRecord>(json::parse(R"({"id": 7, "set": null})")),
                    json::exception);
    CHECK_THROWS_AS(record_from<RunRecord>(json::parse(R"({"id": "x"})")), json::exception);
    CHECK_THROWS_AS(
        record_from<RunRecord>(json::parse(R"({"id": "x", "set": null, "warnings": 7})")),
        json::exception);
    CHECK_THROWS_AS(record_from<RunRecord>(json::parse("[]")), json::exception);
    CHECK_THROWS_AS(record_from<State>(json::parse(R"({"offsite": []})")), json::exception);
    CHECK_THROWS_AS(record_from<State>(json::parse(R"({"history": {}})")), json::exception);
    CHECK_THROWS_AS(record_from<DrillRecord>(json::parse(R"({"id": "x"})")), json::exception);
    CHECK_THROWS_AS(record_from<backup::PruneReport>(json::parse(R"({"remote": null, "at": "x"})")),
                    json::exception);
    CHECK_THROWS_AS(record_from<scrub::Summary>(json::parse("{}")), json::exception);
}

TEST_CASE("files of the state directory and of staging are as they always were") {
    TemporaryDirectory directory;
    write_acknowledged(directory.path(), {{{"3 files", now, set}, {"other", now, ""}}});
    check("acknowledged.json", read_file(directory / "acknowledged.json"));
    const auto known = read_acknowledged(directory.path()).warnings;
    REQUIRE(known.size() == 2);
    CHECK((known[0].text == "3 files" && known[0].at == now && known[0].set == set));

    offsite::Queue queue(directory / "queue");
    offsite::Job job;
    job.set = set;
    job.remote = "b2";
    job.queued_at = now;
    queue.add(job);
    check("job.json", read_file(directory / "queue" / (set + "@b2.json")));
    job.attempts = 2;
    job.last_error = "no route";
    job.failed_at = now + 500ms;
    job.next_attempt = now + 1h;
    queue.add(job);
    check("job-failed.json", read_file(directory / "queue" / (set + "@b2.json")));
    const auto jobs = queue.list();
    REQUIRE(jobs.size() == 1);
    CHECK((jobs[0].attempts == 2 && jobs[0].last_error == "no route" && jobs[0].queued_at == now));
    CHECK((jobs[0].failed_at == job.failed_at && jobs[0].next_attempt == job.next_attempt));

    offsite::History uploaded(directory / "offsite.json");
    uploaded.of("b2").packs["media/x.tar"] = digest;
    uploaded.of("b2").newest_set = set;
    uploaded.of("b2").completed_at = now;
    uploaded.of("empty");
    uploaded.save();
    check("offsite.json", read_file(directory / "offsite.json"));
    offsite::History again(directory / "offsite.json");
    CHECK(again.of("b2").packs == uploaded.of("b2").packs);
    CHECK(again.of("b2").newest_set == set);
    CHECK(again.of("b2").completed_at == now);

    store::PackRecord pack;
    pack.name = set + "-0001.tar";
    pack.size = Bytes{17};
    pack.sha256 = digest;
    pack.finished_at = now;
    pack.pass = 2;
    pack.place = store::PackPlace::unfinished_off_site;
    pack.remotes = {"b2", "disk"};
    store::write_record(directory.path(), pack);
    check("pack.json", read_file(store::record_file(directory.path(), pack.name)));
    const auto packs = store::read_records(directory.path());
    REQUIRE(packs.size() == 1);
    CHECK(
        (packs[0].size == pack.size && packs[0].sha256 == digest && packs[0].place == pack.place));
    CHECK((packs[0].finished_at == now && packs[0].pass == 2 && packs[0].remotes == pack.remotes));
}

TEST_CASE("a ledger is as it always was") {
    scrub::Ledger ledger;
    check("empty-ledger.json", scrub::to_json(ledger));
    CHECK(scrub::parse_ledger(scrub::to_json(ledger), "it") == ledger);
    ledger.objects["media/" + set + "-0001.tar"] = {Bytes{17}, digest, now,     now - 1h,
                                                    "reading", 2,      damage()};
    ledger.objects["sets/" + set + "/manifest.json"] = {Bytes{18}, digest, now};
    ledger.sets = {set};
    ledger.listed_at = now;
    ledger.attempt_since = now - 1h;
    ledger.slice_at = now - 2h;
    ledger.problem = "no route";
    check("ledger.json", scrub::to_json(ledger));
    CHECK(scrub::parse_ledger(scrub::to_json(ledger), "it") == ledger);
}
