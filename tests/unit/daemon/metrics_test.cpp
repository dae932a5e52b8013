// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/metrics.hpp"

#include <regex>
#include <set>

#include "support/catch.hpp"
#include "support/prometheus_text.hpp"
#include "support/temporary_directory.hpp"

using namespace mastobak;
using namespace mastobak::daemon;
using namespace std::chrono_literals;
using test::PrometheusText;

namespace {

const auto after_noon = *parse_iso8601("2026-11-22T12:00:00.5Z");

double unix_time(Timestamp time) {
    return static_cast<double>(
        std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

RunRecord run_of(Timestamp started) {
    RunRecord record;
    record.started_at = started;
    record.finished_at = started + 90s;
    record.downtime = 1200ms;
    return record;
}

PrometheusText text_of(const State& state, const std::optional<RunRecord>& last) {
    return PrometheusText(metrics::to_text(gauges_of(state, {Health::Verdict::stale, {}}, last)));
}

}  // namespace

TEST_CASE("a daemon without a history reports only its own gauges") {
    State state;
    state.version = "1.2";
    const auto text = text_of(state, {});
    CHECK(text.problem == "");
    CHECK(text.values == std::map<std::string, double>{{"mastobak_build_info{version=\"1.2\"}", 1},
                                                       {"mastobak_health", 2},
                                                       {"mastobak_run_in_progress", 0}});
}

TEST_CASE("the metrics of an instance have its name") {
    const PrometheusText text(
        metrics::to_text(gauges_of({}, {Health::Verdict::healthy, {}}, {}, Instance("fedi"))));
    CHECK(text.problem == "");
    CHECK(text.values.at("mastobak_health{name=\"fedi\"}") == 0);
}

TEST_CASE("the metrics have the runs, the drills, the remotes, and what was read again") {
    State state;
    auto good = run_of(after_noon - 30h);
    good.set = "20261121T060000Z";
    good.size = Bytes{5000};
    state.history.last_success = good;
    auto failed = run_of(after_noon - 6h);
    finish(failed, Error(Errc::database, "no server", ""), after_noon - 6h + 9s);
    failed.down = {"mastodon-web.service"};
    state.storage.emplace();
    state.storage->usage.live = Bytes{11};
    state.storage->room = Bytes{22};
    state.history.last_run = run_of(after_noon - 1min);
    state.history.last_run->finished_at.reset();
    state.running.emplace();
    state.history.last_success->parts = SizeByPart{Bytes{900}, Bytes{4000}, Bytes{100}};
    state.history.last_success->missing_files = 7;
    DrillRecord drill;
    drill.report.started_at = after_noon - 72h;
    state.drills.last_made = state.drills.last_proven = drill;
    drill.error = "no room";
    state.drills.last = drill;
    offsite::RemoteState remote;
    remote.remote = "staging";
    remote.completed_at = after_noon - 20h;
    remote.queued = 2;
    remote.waiting = Bytes{7777};
    remote.last_error = "refused";
    state.offsite = {remote};
    scrub::Summary staging;
    staging.place = scrub::staging_place;
    staging.bytes = Bytes{100};
    staging.read = Bytes{60};
    staging.oldest_read = after_noon - 48h;
    auto there = staging;
    there.place = "staging";
    there.damaged_count = 3;
    there.oldest_read.reset();
    state.scrubs = {staging, there};

    const auto text = text_of(state, failed);
    CHECK(text.problem == "");
    auto values = text.values;
    CHECK(values["mastobak_run_in_progress"] == 1);
    // The values are those of the last run that has ended, not of the one in progress.
    CHECK(values["mastobak_last_run_timestamp_seconds"] == unix_time(after_noon - 6h));
    CHECK(values.at("mastobak_last_run_success") == 0);
    CHECK(values["mastobak_last_run_duration_seconds"] == 9);
    CHECK(values["mastobak_last_run_downtime_seconds"] == 1.2);
    CHECK(values["mastobak_units_down"] == 1);
    CHECK(values["mastobak_staging_bytes{state=\"live\"}"] == 11);
    CHECK(values["mastobak_staging_bytes{state=\"room\"}"] == 22);
    CHECK(values["mastobak_last_success_timestamp_seconds"] == unix_time(after_noon - 30h));
    CHECK(values["mastobak_last_set_size_bytes"] == 5000);
    CHECK(values["mastobak_set_size_bytes{part=\"media\"}"] == 4000);
    CHECK(values["mastobak_missing_media_files"] == 7);
    CHECK(values["mastobak_last_drill_timestamp_seconds"] == unix_time(after_noon - 72h));
    CHECK(values["mastobak_drill_last_proven_timestamp_seconds"] == unix_time(after_noon - 72h));
    const std::string at_remote = "{remote=\"staging\"}";
    CHECK(values["mastobak_offsite_last_success_timestamp_seconds" + at_remote] ==
          unix_time(after_noon - 20h));
    CHECK(values.at("mastobak_offsite_last_upload_success" + at_remote) == 0);
    CHECK(values["mastobak_offsite_queued_sets" + at_remote] == 2);
    CHECK(values["mastobak_offsite_waiting_bytes" + at_remote] == 7777);
    const std::string here = "{place=\"staging\"}",
                      remote_place = "{place=\"remote\",remote=\"staging\"}";
    CHECK(values["mastobak_scrub_bytes" + here] == 100);
    CHECK(values["mastobak_scrub_read_bytes" + here] == 60);
    CHECK(values["mastobak_scrub_oldest_read_timestamp_seconds" + here] ==
          unix_time(after_noon - 48h));
    CHECK_FALSE(values.contains("mastobak_scrub_oldest_read_timestamp_seconds" + remote_place));
    CHECK(values.at("mastobak_scrub_damaged_objects" + here) == 0);
    CHECK(values["mastobak_scrub_damaged_objects" + remote_place] == 3);
    // The rules and the dashboard use metrics that exist.
    std::set<std::string> names;
    for (const auto& gauge : gauges_of(state, {}, failed)) names.insert(gauge.name);
    for (const std::string file : {"mastobak-alerts.yaml", "mastobak-dashboard.json"}) {
        const auto text = test::read(SOURCE_DIR "/packaging/observability/" + file);
        const std::regex name("mastobak_[a-z_]+");
        for (std::sregex_iterator found(text.begin(), text.end(), name), end; found != end; ++found)
            CHECK(names.contains(found->str()));
    }
    const auto manual = test::read(SOURCE_DIR "/packaging/man/mastobak.8");
    for (const auto& gauge : gauges_of(state, {}, failed))
        CHECK(manual.find(".It Ic " + gauge.name + "\n") != std::string::npos);
}
