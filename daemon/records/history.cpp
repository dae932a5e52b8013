// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/records/history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/files/files.hpp"
#include "core/files/open.hpp"
#include "core/json.hpp"
#include "daemon/records/json.hpp"
#include "offsite/queue.hpp"
#include "store/formats/manifest_facts.hpp"
#include "store/formats/names.hpp"
#include "store/retention/usage.hpp"

namespace mastobak::daemon {
using namespace std::chrono_literals;

namespace {

constexpr auto file_name = "history.json";
/// The limit of attempts after interruptions, so that a run which crashes the host does not begin
/// at each start.
constexpr int most_interruptions = 3;

constexpr offsite::Backoff after_failure{.first = 5min, .longest = 1h};
constexpr std::chrono::seconds after_interruption = 1min;

bool is_of_the_schedule(const RunRecord& record) {
    return record.by == "schedule" || record.by == "catch-up" || record.by == "retry";
}

/// Returns whether the error of a run may disappear by itself within minutes.
bool passes(const RunRecord& record) {
    static constexpr std::array passing{Errc::database, Errc::staging, Errc::media,
                                        Errc::offsite,  Errc::units,   Errc::busy};
    return !record.needs_person && std::ranges::any_of(passing, [&](Errc code) {
        return record.error_code == to_string(code);
    });
}

/// Returns whether a retry in the same night may stop Mastodon again. It may if the failed step can
/// be rehearsed first. It may not if a rehearsal succeeded before this failure, because rehearsals
/// then do not detect its cause.
bool may_stop_again(const RunRecord& last) {
    return !last.stopped_mastodon || (!last.rehearsed && backup::rehearsal_of(last.failed_step));
}

/// Returns how many files the rows name and the set lacks.
std::uint64_t missing_files(const store::Manifest& manifest) {
    std::uint64_t sum = 0;
    for (const auto& column : manifest.reconciliation.columns)
        sum += column.missing + column.unclear + column.unreadable;
    return sum;
}

}  // namespace

History read_history(const std::filesystem::path& state_directory, Timestamp now) {
    return read_record<History>(state_directory / file_name).value_or(History{now, {}, {}, {}});
}

void write_history(const std::filesystem::path& state_directory, const History& history) {
    write_file(state_directory / file_name, dump(to_json(history), 2) + "\n");
}

void note(History& history, const RunRecord& record) {
    history.last_run = record;
    if (record.ok()) {
        history.last_success = record;
        history.wasted_stop.reset();
    }
    // After an interruption, the next run need not fail.
    const bool interrupted = record.cut_off_by != CutOff::nothing ||
                             record.error_code == to_string(Errc::cancelled) ||
                             record.error_code == to_string(Errc::shutdown);
    if (record.finished_at && !record.ok() && record.stopped_mastodon && !interrupted)
        history.wasted_stop = record;
}

bool follow_schedule(History& history, const config::Schedule& schedule, Timestamp now) {
    const auto text =
        schedule.enabled ? fmt::format("{:02}:{:02} + {} s", schedule.daily_at / 1h,
                                       schedule.daily_at % 1h / 1min, schedule.random_delay.count())
                         : std::string("off");
    if (history.schedule == text) return false;
    // The history of an older version lacks this field, but belongs to the same schedule.
    if (!history.schedule.empty()) history.known_since = now;
    history.schedule = text;
    return true;
}

std::optional<Timestamp> last_attempt(const History& history) {
    if (!history.last_run) return std::nullopt;
    const auto& last = *history.last_run;
    const bool made_up_for = was_interrupted(last) && last.attempt < most_interruptions;
    if (last.error_code != to_string(Errc::shutdown) && !made_up_for) return last.started_at;
    if (!history.last_success) return std::nullopt;
    return history.last_success->started_at;
}

SizeByPart size_by_part(const store::Manifest& manifest) {
    SizeByPart size;
    for (const auto& artifact : manifest.artifacts) {
        const bool is_dump = artifact.name == store::whole_dump ||
                             artifact.name == store::dump_difference ||
                             artifact.name == store::difference_list;
        (is_dump ? size.database : size.other) += artifact.size;
    }
    for (const auto& file : store::shared_files(manifest)) {
        // The others were made by earlier runs.
        if (!file.name.starts_with(manifest.set + "-")) continue;
        (store::is_base_name(file.name)    ? size.database
         : store::is_index_name(file.name) ? size.other
                                           : size.media) += file.size;
    }
    return size;
}

void finish(RunRecord& record, const backup::Result& result, Timestamp now) {
    record.finished_at = now;
    record.set = result.manifest.set;
    record.size = store::own_bytes(result.manifest);
    record.parts = size_by_part(result.manifest);
    const auto missing = missing_files(result.manifest);
    record.missing_files = missing - std::min(missing, result.acknowledged);
    if (auto text = store::dump_text(result.manifest); !text.empty()) record.dump = std::move(text);
    record.downtime = result.manifest.downtime;
    record.units = result.manifest.units;
    record.warnings = result.manifest.warnings;
    record.acknowledged_files = result.acknowledged;
    record.down = result.down;
    record.steps = result.steps;
}

void finish(RunRecord& record, const Error& failure, Timestamp now) {
    const auto error = hinted(failure);
    record.finished_at = now;
    record.error_code = to_string(error.code());
    record.error = error.text();
    record.hint = error.hint();
    record.needs_person = error.needs_person();
}

void finish(RunRecord& record, const backup::Rehearsed& rehearsed, Timestamp now) {
    record.finished_at = now;
    record.size = rehearsed.size;
    record.warnings = rehearsed.warnings;
    record.steps = rehearsed.steps;
}

bool was_interrupted(const RunRecord& record) {
    return is_of_the_schedule(record) && !record.ok() &&
           (record.cut_off_by == CutOff::service || record.cut_off_by == CutOff::death ||
            record.error_code == to_string(Errc::shutdown));
}

std::optional<Timestamp> retry_at(const RunRecord& last, const config::Schedule& schedule) {
    if (last.ok() || !last.finished_at || !is_of_the_schedule(last)) return std::nullopt;
    const bool interrupted = was_interrupted(last);
    if (!interrupted && (!passes(last) || !may_stop_again(last))) return std::nullopt;
    const auto at =
        *last.finished_at + (interrupted ? after_interruption : after_failure.after(last.attempt));
    if (at > last.night + schedule.retry_until) return std::nullopt;
    return at;
}

RunRecord new_record(Timestamp now, const std::string& by, const std::optional<RunRecord>& last) {
    RunRecord record;
    record.id = to_set_name(now);
    record.started_at = record.night = now;
    record.by = by;
    const bool continues =
        last && !last->ok() && (by == "retry" || (by == "catch-up" && was_interrupted(*last)));
    if (!continues) return record;
    record.night = last->night;
    record.attempt = last->attempt + 1;
    return record;
}

}  // namespace mastobak::daemon
