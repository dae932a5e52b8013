// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/metrics.hpp"

#include <chrono>
#include <string>
#include <utility>

#include "daemon/records/json.hpp"

namespace mastobak::daemon {
namespace {

using metrics::Gauge;

double seconds_of(Timestamp time) {
    return static_cast<double>(
        std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

double number_of(Bytes bytes) {
    return static_cast<double>(bytes.count);
}

class Gauges {
 public:
    /// Begins a gauge. The following calls of add() give it its samples.
    Gauges& gauge(std::string name, std::string help) {
        gauges_.push_back({"mastobak_" + std::move(name), std::move(help), {}});
        return *this;
    }
    Gauges& add(double value, std::vector<std::pair<std::string, std::string>> labels = {}) {
        gauges_.back().samples.push_back({value, std::move(labels)});
        return *this;
    }
    Gauges& add(const std::optional<Timestamp>& time,
                std::vector<std::pair<std::string, std::string>> labels = {}) {
        return time ? add(seconds_of(*time), std::move(labels)) : *this;
    }
    std::vector<Gauge> all() && { return std::move(gauges_); }

 private:
    std::vector<Gauge> gauges_;
};

void add_runs(Gauges& gauges, const State& state, const std::optional<RunRecord>& last) {
    gauges.gauge("run_in_progress", "1 while a run is in progress.").add(state.running ? 1.0 : 0.0);
    gauges.gauge("last_run_timestamp_seconds", "When the last run that has ended began.");
    if (last) gauges.add(last->started_at);
    gauges.gauge("last_run_success", "1 if that run has made a set, 0 if not.");
    if (last) gauges.add(last->ok() ? 1.0 : 0.0);
    gauges.gauge("last_run_duration_seconds", "How long that run took.");
    if (last && last->finished_at) gauges.add(to_seconds(*last->finished_at - last->started_at));
    gauges.gauge("last_run_downtime_seconds", "How long that run kept Mastodon stopped.");
    if (last) gauges.add(to_seconds(last->downtime));
    gauges.gauge("units_down", "Units that this run stopped and that did not start again.");
    if (last) gauges.add(static_cast<double>(last->down.size()));
    const auto& good = state.history.last_success;
    gauges.gauge("last_success_timestamp_seconds", "When the last run that has made a set began.");
    if (good) gauges.add(good->started_at);
    gauges.gauge("last_set_size_bytes", "Bytes that were new in that run's set.");
    if (good) gauges.add(number_of(good->size));
    gauges.gauge("set_size_bytes", "Bytes that were new in that run's set, by part.");
    if (good && good->parts)
        gauges.add(number_of(good->parts->database), {{"part", "database"}})
            .add(number_of(good->parts->media), {{"part", "media"}})
            .add(number_of(good->parts->other), {{"part", "other"}});
    gauges.gauge("missing_media_files",
                 "Media files that rows name and that that set lacks, without acknowledged ones.");
    if (good && good->missing_files) gauges.add(static_cast<double>(*good->missing_files));
}

void add_staging(Gauges& gauges, const std::optional<Storage>& storage) {
    gauges.gauge("staging_bytes",
                 "Room in staging: live (sets need it), dead (none does), unfinished (of an "
                 "interrupted run), room (free for a run).");
    if (!storage) return;
    const auto& usage = storage->usage;
    for (const auto& [state, bytes] :
         {std::pair("live", usage.live), std::pair("dead", usage.dead),
          std::pair("unfinished", usage.unfinished), std::pair("room", storage->room)})
        gauges.add(number_of(bytes), {{"state", state}});
}

void add_drills(Gauges& gauges, const Drills& drills) {
    const auto& made = drills.last_made;
    gauges.gauge("last_drill_timestamp_seconds", "When the last drill that could be made began.");
    if (made) gauges.add(made->report.started_at);
    gauges.gauge("last_drill_proven", "1 if that drill has proven its set, 0 if not.");
    if (made) gauges.add(made->proven() ? 1.0 : 0.0);
    gauges.gauge("drill_last_proven_timestamp_seconds",
                 "When the last drill that has proven a set began.");
    if (drills.last_proven) gauges.add(drills.last_proven->report.started_at);
}

void add_offsite(Gauges& gauges, const std::vector<offsite::RemoteState>& remotes) {
    const auto each = [&](const auto& add) {
        for (const auto& remote : remotes) add(remote, {{"remote", remote.remote}});
    };
    using Labels = std::vector<std::pair<std::string, std::string>>;
    gauges.gauge("offsite_last_success_timestamp_seconds",
                 "When the last complete set came to the remote.");
    each(
        [&](const auto& remote, const Labels& labels) { gauges.add(remote.completed_at, labels); });
    gauges.gauge("offsite_last_upload_success",
                 "1 if nothing has failed there since something last came there, 0 if so.");
    each([&](const auto& remote, const Labels& labels) {
        gauges.add(remote.last_error.empty() ? 1.0 : 0.0, labels);
    });
    gauges.gauge("offsite_queued_sets", "Sets that are not at the remote yet.");
    each([&](const auto& remote, const Labels& labels) {
        gauges.add(static_cast<double>(remote.queued), labels);
    });
    gauges.gauge("offsite_waiting_bytes",
                 "Bytes of these that are not at the remote yet, as far as is known.");
    each([&](const auto& remote, const Labels& labels) {
        if (remote.waiting) gauges.add(number_of(*remote.waiting), labels);
    });
    gauges.gauge("offsite_oldest_queued_timestamp_seconds", "When the oldest of these was made.");
    each([&](const auto& remote, const Labels& labels) {
        gauges.add(remote.oldest_queued, labels);
    });
}

/// A remote may also be named "staging", so the label `place` distinguishes it from staging.
std::vector<std::pair<std::string, std::string>> place_labels(const std::string& place) {
    if (place == scrub::staging_place) return {{"place", "staging"}};
    return {{"place", "remote"}, {"remote", place}};
}

void add_scrubs(Gauges& gauges, const std::vector<scrub::Summary>& places) {
    const auto bytes = [&](const char* name, const char* help, auto number) {
        gauges.gauge(name, help);
        for (const auto& place : places)
            gauges.add(number_of(place.*number), place_labels(place.place));
    };
    using scrub::Summary;
    bytes("scrub_bytes", "Bytes that the sets of the place need there.", &Summary::bytes);
    bytes("scrub_read_bytes", "Bytes of these that were read again within drill.scrub_every.",
          &Summary::read);
    bytes("scrub_never_read_bytes", "Bytes of these that were never read again.",
          &Summary::never_read);
    bytes("scrub_overdue_bytes", "Bytes of these whose time to be read again has passed.",
          &Summary::overdue);
    gauges.gauge("scrub_oldest_read_timestamp_seconds",
                 "When the least recently read data was read, of all that was ever read.");
    for (const auto& place : places) gauges.add(place.oldest_read, place_labels(place.place));
    gauges.gauge("scrub_damaged_objects", "Packs and files of sets that are known to be damaged.");
    for (const auto& place : places)
        gauges.add(static_cast<double>(place.damaged_count), place_labels(place.place));
}

}  // namespace

std::vector<Gauge> gauges_of(const State& state, const Health& health,
                             const std::optional<RunRecord>& last_run, const Instance& instance) {
    Gauges gauges;
    gauges.gauge("build_info", "1, with the version of the daemon.")
        .add(1.0, {{"version", state.version}});
    gauges.gauge("health", "As the exit status of 'mastobak status': 0 healthy, 1 failed, 2 stale.")
        .add(static_cast<double>(health.verdict));
    add_runs(gauges, state, last_run);
    add_staging(gauges, state.storage);
    add_drills(gauges, state.drills);
    add_offsite(gauges, state.offsite);
    add_scrubs(gauges, state.scrubs);
    auto all = std::move(gauges).all();
    if (instance.has_name())
        for (auto& gauge : all)
            for (auto& sample : gauge.samples) sample.labels.emplace_back("name", instance.name());
    return all;
}

}  // namespace mastobak::daemon
