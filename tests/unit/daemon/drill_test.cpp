// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/json.hpp"
#include "daemon/control_arguments.hpp"
#include "daemon/jobs/drill_job.hpp"
#include "daemon/records/health.hpp"
#include "daemon/records/json.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "unit/daemon/now.hpp"

using namespace mastobak;
using namespace mastobak::daemon;
using namespace std::chrono_literals;
using config::DrillSchedule;
namespace fs = std::filesystem;

namespace {

DrillRecord drill(Timestamp started, postgres::Verdict verdict = postgres::Verdict::good) {
    DrillRecord record;
    record.id = to_set_name(started);
    record.report.set = "20261122T030000Z";
    record.report.source = "remote 'b2'";
    record.report.started_at = started;
    record.report.took = 25s;
    record.report.full_restore = restore::RestoreEstimate{30min, 30min, 1h};
    record.report.rates = {.request = 5e8, .dump_byte = 12.5};
    record.report.checks = {{.name = "manifest", .figure = "fine"},
                            {.name = "rows",
                             .verdict = verdict,
                             .figure = "12 tables",
                             .problem_count = verdict == postgres::Verdict::bad ? 1U : 0U,
                             .read = {1, Bytes{17}},
                             .by_size = {3, Bytes{4711}}}};
    record.report.media = {.now = {20, Bytes{200}},
                           .ever = {50, Bytes{500}},
                           .of = {1000, Bytes{10'240}},
                           .drills_left = 48,
                           .all_read_by = started + 48 * 24h};
    record.report.explained = {
        {.table = "public.accounts",
         .finding = "the dump has them",
         .rows = {.rows = {{postgres::FoundRow::Kind::repeated, "id=7", {}, 1, 2},
                           {postgres::FoundRow::Kind::changed, "id=8", {"score"}, 1, 0}},
                  .keys = 2,
                  .all = false,
                  .exact = true}}};
    if (verdict == postgres::Verdict::bad)
        record.report.checks[1].problems = {"one row is missing"};
    return record;
}

DrillRecord not_made(Timestamp started) {
    auto record = drill(started);
    record.report.checks.clear();
    finish(record, Error(Errc::environment, "no server", "install one"));
    return record;
}

State state_with(const Drills& drills) {
    State state;
    RunRecord run;
    run.id = "20261122T030000Z";
    run.set = run.id;
    state.history.last_run = state.history.last_success = run;
    state.history.known_since = now - 24h * 39;
    state.drills = drills;
    return state;
}

Health health_of(const State& state, const config::Config& config = {}) {
    return judge(state, "20261122T030000Z", config, now);
}

}  // namespace

TEST_CASE(
    "a drill is due once in its period, and again half a day after one that came to nothing") {
    struct Row {
        DrillSchedule schedule;
        std::optional<DrillRecord> last, last_made;
        bool due;
    };
    const auto earlier = drill(now - 24h * 30);
    const auto today = drill(now - 2h, postgres::Verdict::bad);
    for (const auto& [schedule, last, last_made, due] : {
             Row{DrillSchedule::never, {}, {}, false},
             Row{DrillSchedule::monthly, {}, {}, true},
             Row{DrillSchedule::monthly, earlier, earlier, true},
             Row{DrillSchedule::monthly, today, today, false},
             Row{DrillSchedule::weekly, today, today, false},
             Row{DrillSchedule::daily, today, today, false},
             Row{DrillSchedule::daily, drill(now - 24h), drill(now - 24h), true},
             Row{DrillSchedule::monthly, not_made(now - 2h), earlier, false},
             Row{DrillSchedule::monthly, not_made(now - 12h), earlier, true},
             // After the clock was set back.
             Row{DrillSchedule::monthly, not_made(now + 48h), earlier, true},
         }) {
        CAPTURE(static_cast<int>(schedule), last ? last->id : "", last_made ? last_made->id : "");
        CHECK(drill_is_due(schedule, {last, last_made, {}}, {}, now) == due);
    }
}

TEST_CASE("a drill waits for a set of its period") {
    const auto due = [](DrillSchedule schedule, const char* drilled, const char* set,
                        const char* newest, const char* time) {
        auto record = drill(*parse_iso8601(drilled));
        record.report.set = set;
        return drill_is_due(schedule, {record, record, {}}, parse_set_name(newest),
                            *parse_iso8601(time));
    };
    const auto* const first = "20261101T030000Z";
    const auto* const then = "2026-11-01T04:00:00Z";
    using enum DrillSchedule;
    CHECK_FALSE(due(monthly, then, first, "20261130T030000Z", "2026-12-01T00:30:00Z"));
    CHECK(due(monthly, then, first, "20261201T030000Z", "2026-12-01T04:00:00Z"));
    // There is no set of this month, so last month's newest set, which was not drilled, is used.
    CHECK(due(monthly, then, first, "20261231T030000Z", "2027-01-01T04:00:00Z"));
    // Backups that begin before midnight and end after it.
    CHECK(due(daily, "2026-11-02T00:30:00Z", "20261101T235000Z", "20261102T235000Z",
              "2026-11-03T00:30:00Z"));
    CHECK_FALSE(due(daily, "2026-11-02T00:30:00Z", "20261101T235000Z", "20261102T235000Z",
                    "2026-11-02T23:55:00Z"));
}

TEST_CASE("a drill that failed is unhealthy until one proves a set") {
    const auto bad = drill(now - 1h, postgres::Verdict::bad);
    const auto good = drill(now - 24h);
    auto health = health_of(state_with({bad, bad, good}));
    CHECK(health.verdict == Health::Verdict::failed);
    CHECK(health.reasons.at(0) ==
          "the last drill failed: set 20261122T030000Z of remote 'b2' is NOT PROVEN: rows: one row "
          "is missing; a full restore would take about 2 h 0 min (to fetch 30 min 0 s, the "
          "database 30 min 0 s, media 1 h 0 min)");
    // A drill that could not be made does not prove or disprove the set.
    health = health_of(state_with({not_made(now - 1h), bad, good}));
    CHECK(health.verdict == Health::Verdict::failed);
    CHECK(health_of(state_with({not_made(now - 1h), good, good})).verdict ==
          Health::Verdict::healthy);
}

TEST_CASE("no proof for 40 days is unhealthy, from the first set on") {
    auto state = state_with({});
    CHECK(health_of(state).verdict == Health::Verdict::healthy);
    state.history.known_since = now - 24h * 40;
    CHECK(health_of(state).verdict == Health::Verdict::stale);
    config::Config config;
    config.drill.schedule = DrillSchedule::never;
    CHECK(health_of(state, config).verdict == Health::Verdict::healthy);

    const auto old = drill(now - 24h * 41);
    const auto failure = not_made(now - 1h);
    const auto health = health_of(state_with({failure, old, old}));
    CHECK(health.verdict == Health::Verdict::stale);
    CHECK(health.reasons.at(0) == "no drill has proven a set for 41 d 0 h: no server");
}

TEST_CASE("the status line says when a set was proven") {
    const auto good = drill(now - 24h * 3);
    const auto line = [](const Drills& drills) {
        const auto state = state_with(drills);
        return status_line(state, health_of(state), now);
    };
    CHECK(line({good, good, good}).find("; proven 3 d 0 h ago") != std::string::npos);
    CHECK(line({}).find("proven") == std::string::npos);
    auto state = state_with({});
    state.drilling = RunningState{"x", now, "restore", 0.5, "TABLE DATA statuses"};
    CHECK(status_line(state, {}, now) == "drill: restore 50 % (TABLE DATA statuses)");
}

TEST_CASE("drills are kept with their sets") {
    const test::TemporaryDirectory directory;
    const auto good = drill(now - 48h);
    auto bad = drill(now - 24h, postgres::Verdict::bad);
    bad.report.set = "20261121T030000Z";
    write_drill(directory.path(), good);
    write_drill(directory.path(), bad);
    write_drill(directory.path(), not_made(now));
    const auto drills = read_drills(directory.path());
    CHECK(drills.last_proven->id == good.id);
    CHECK(drills.last_made->id == bad.id);
    CHECK(drills.last->error == "no server");
    CHECK(drill_of(directory.path(), bad.report.set)->id == bad.id);
    CHECK_FALSE(drill_of(directory.path(), "20250101T000000Z"));
    // A later drill replaces the record of one that could not be made.
    write_drill(directory.path(), drill(now + 1h));
    CHECK(read_drills(directory.path()).last->made());
    test::write(directory / "drills/20200101T000000Z.json", "{ damaged");
    CHECK(read_drills(directory.path()).last->made());
}

TEST_CASE("what was read of media is said, and when the rest will have been") {
    auto media = *drill(now).report.media;
    CHECK(text_of(media) ==
          "drills have read 50 of the media's 1000 files so far, 500 B of 10.0 KiB; 48 more drills "
          "will have read all, on about 2027-01-09");
    media.drills_left = std::nullopt;
    CHECK(text_of(media).ends_with("; none will read the rest (drill.media_sample)"));
    media.ever = media.of;
    CHECK(text_of(media) == "every file of the media was read by this drill or one before");
}

TEST_CASE("a drill survives JSON") {
    for (const auto& record : {drill(now), drill(now, postgres::Verdict::bad), not_made(now)}) {
        const auto again = record_from<DrillRecord>(to_json(record));
        CHECK(to_json(again) == to_json(record));
        CHECK(again.proven() == record.proven());
        CHECK(again.report.media->drills_left == 48U);
        CHECK(again.report.media->all_read_by == record.report.media->all_read_by);
        CHECK(again.report.full_restore->total() == record.report.full_restore->total());
        CHECK(again.report.rates.dump_byte == 12.5);
    }
    const auto object = to_json(drill(now, postgres::Verdict::bad));
    CHECK(object["checks"][1]["verdict"] == "bad");
    CHECK(object["proven"] == false);
}

TEST_CASE("what a caller asks of the bus is checked, and an error names the option") {
    CHECK(note_from("").empty());
    CHECK(note_from("{}").empty());
    CHECK(note_from(R"({"note": "before 4.7"})") == "before 4.7");
    CHECK_THROWS_WITH(note_from(R"({"note": "a\nb"})"), Catch::Contains("has a line break"));
    CHECK_THROWS_WITH(note_from(R"({"note": 1})"),
                      Catch::Contains("Start: 'note' is of type number, not a string"));
    CHECK_THROWS_WITH(note_from(R"({"by": "x"})"), Catch::Contains("has no option 'by'"));
    CHECK_THROWS_WITH(note_from("before"), Catch::Contains("takes nothing, or an object"));
    CHECK(drill_request_from("{}").set == "latest");
    CHECK(drill_request_from(R"({"set": "20261122T030000Z", "from": "b2"})").from == "b2");
    CHECK_FALSE(drill_request_from("{}").explain);
    CHECK(drill_request_from(R"({"explain": true})").explain);
    using Catch::Matchers::StartsWith;
    CHECK_THROWS_WITH(drill_request_from(R"({"explain": "yes"})"),
                      StartsWith("Drill: 'explain' is of type string"));
    CHECK_THROWS_WITH(drill_request_from(R"({"set": 1})"),
                      StartsWith("Drill: 'set' is of type number"));
    CHECK_THROWS_WITH(drill_request_from(R"({"from": null})"),
                      StartsWith("Drill: 'from' is of type null"));
    CHECK_THROWS_WITH(drill_request_from(R"({"from": ["b2"]})"),
                      StartsWith("Drill: 'from' is of type arr"));
    CHECK_THROWS_WITH(drill_request_from(R"({"form": "b2"})"),
                      StartsWith("Drill has no option 'form'"));
    for (const auto* text : {"", "[]", "{", "1", "\"set\"", "\xff"})
        CHECK_THROWS_WITH(drill_request_from(text), StartsWith("Drill takes an object"));
    CHECK(prune_options_from("unsent").unsent);
    CHECK_FALSE(prune_options_from("").unsent);
    CHECK_THROWS_WITH(prune_options_from("all"), StartsWith("Prune has no option 'all'"));
}
